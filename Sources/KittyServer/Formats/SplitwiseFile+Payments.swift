import KittyShared

extension SplitwiseFile {
  /// Tells payments from expenses that one member paid for another alone: both do the same to balances. The category of payments
  /// is in the language of the account; in one that is not known here, both names in the text tell, and the category must be
  /// that of no other expense.
  struct Payments {
    /// The first words of the names.
    private let names: [String?]
    /// The categories of lines that are certainly expenses.
    private var shared: Set<String> = []
    private var hasKnownPayment = false
    private var hasLooked = false
    private var (guessed, doubtful): ([String], [String]) = ([], [])

    init(_ names: [String]) { self.names = names.map { Self.words($0).first } }

    private static func words(_ text: String) -> [String] {
      text.nameKey.split { !$0.isLetter && !$0.isNumber }.map(String.init)
    }

    /// Returns `true` when the other lines have to be noted before a line can be told.
    func isUnclear(_ line: Line) -> Bool {
      let category = line.category.nameKey
      return !hasLooked && !paymentWords.contains(category) && !expenseWords.contains(category)
        && Self.members(of: line) != nil
    }

    /// Notes what a line tells about the others.
    mutating func note(_ line: Line) {
      hasLooked = true
      let category = line.category.nameKey
      if Self.members(of: line) == nil {
        if line.cost != 0 { shared.insert(category) }
      } else if paymentWords.contains(category) {
        hasKnownPayment = true
      }
    }

    /// Returns the members of a line that may be a payment: one gets all of the cost from another.
    private static func members(of line: Line) -> (from: Int, to: Int)? {
      guard line.cost != 0, let from = line.nets.firstIndex(of: line.cost),
        let to = line.nets.firstIndex(of: -line.cost), line.nets.count(where: { $0 != 0 }) == 2
      else { return nil }
      return (from, to)
    }

    /// Returns the payment that a line is; `nil` for an expense.
    mutating func payment(_ line: Line) -> ImportedEntry.Kind? {
      guard let (from, to) = Self.members(of: line) else { return nil }
      let category = line.category.nameKey
      if paymentWords.contains(category) { return .payment(from: from, to: to) }
      guard !expenseWords.contains(category), !shared.contains(category) else { return nil }
      // "Jonas paid Mira" is the text that Splitwise gives a payment in each language.
      let words = Set(Self.words(line.description))
      if [from, to].allSatisfy({ names[$0].map(words.contains) ?? false }) {
        guessed.append("\(line.place)")
        return .payment(from: from, to: to)
      }
      if !category.isEmpty, !hasKnownPayment { doubtful.append("\(line.place)") }
      return nil
    }

    /// The lines whose kind was guessed.
    var notices: [String] {
      var notices: [String] = []
      if !guessed.isEmpty {
        notices.append(
          "Read as payments, because both names are in the text, and no other expense has the category: \(IHateMoneyFile.listed(guessed))."
        )
      }
      if !doubtful.isEmpty {
        notices.append(
          "Read as expenses of one member for another, although they may be payments, because the category is not known here: \(IHateMoneyFile.listed(doubtful)). The balances are the same."
        )
      }
      return notices
    }
  }

  /// The category of payments in the languages of Splitwise.
  static let paymentWords: Set<String> = Set(
    [
      "Payment", "Zahlung", "Bezahlung", "Paiement", "Pago", "Pagamento", "Betaling", "Betalning", "Płatność",
      "Platba",
      "Maksu", "Fizetés", "Ödeme", "Оплата", "Платёж", "Платеж", "Pembayaran", "支払い", "付款", "결제",
    ].map(\.nameKey))

  /// The categories of expenses in English, and the word for none in other languages.
  private static let expenseWords: Set<String> = Set(
    [
      "Utilities", "Cleaning", "Electricity", "Heat/gas", "Trash", "TV/Phone/Internet", "Water",
      "Uncategorized",
      "Entertainment", "Games", "Movies", "Music", "Sports", "Food and drink", "Dining out", "Groceries",
      "Liquor", "Home", "Electronics", "Furniture", "Household supplies", "Maintenance", "Mortgage", "Pets",
      "Rent", "Services", "Transportation", "Bicycle", "Bus/train", "Car", "Gas/fuel", "Hotel", "Parking",
      "Plane", "Taxi", "Life", "Childcare", "Clothing", "Education", "Gifts", "Insurance", "Medical expenses",
      "Taxes",
    ].map(\.nameKey)
      + ["Utilities", "Entertainment", "Food and drink", "Home", "Transportation", "Life"].map {
        "\($0) - Other".nameKey
      }
  ).union(ImportedBooks.noCategory)
}
