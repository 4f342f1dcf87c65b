import FoundationEssentials
import KittyShared

extension SplitProFile {
  /// The download of a user, or one group of it. The objects of the lists of groups and expenses are decoded one by one.
  struct Document: Decodable {
    var friends: [String: Person]?
    var groups: [Ignored]?
    var group: Group

    private enum CodingKeys: String, CodingKey { case friends, groups }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      friends = try container.decodeIfPresent([String: Person].self, forKey: .friends)
      groups = try container.decodeIfPresent([Ignored].self, forKey: .groups)
      group = try Group(from: decoder)
    }
  }

  /// A value that is only counted.
  struct Ignored: Decodable {
    init(from decoder: any Decoder) throws {}
  }

  /// A user.
  struct Person: Decodable {
    var id: ImportedNumber
    var name: String?
    var email: String?
  }

  /// A group with its debts, or with its expenses.
  struct Group: Decodable {
    var name: String?
    var groupUsers: [GroupUser]?
    var groupBalances: [Debt]?
    var users: [Person]?
    /// Without its objects: they are decoded one by one.
    var expenses: [Ignored]?

    var hasDebts: Bool { groupBalances?.contains { $0.amount.text != "0" } ?? false }
  }

  /// A user of a group.
  struct GroupUser: Decodable {
    var userId: ImportedNumber
    var user: Person?
  }

  /// A balance between two: above zero is owed to the user.
  struct Debt: Decodable {
    var userId: ImportedNumber
    var friendId: ImportedNumber?
    /// The name of the field in the versions before November 2025.
    var firendId: ImportedNumber?
    var currency: String
    var amount: ImportedNumber
    var updatedAt: String?
  }

  /// An expense or a payment.
  struct Expense: Decodable {
    var id: ImportedNumber
    var name: String
    var category: String?
    var amount: ImportedNumber
    var splitType: String
    var expenseDate: String
    var currency: String
    var paidBy: ImportedNumber
    var paidByUser: Person?
    var expenseParticipants: [Participant]
    var deletedAt: String?
    var deletedBy: ImportedNumber?
    var fileKey: String?
    var recurrenceId: ImportedNumber?
    var expenseNotes: [Note]?
    var conversionTo: Conversion?
  }

  /// The change of a balance by an expense.
  struct Participant: Decodable {
    var userId: ImportedNumber
    var amount: ImportedNumber
    var user: Person?
  }

  /// A remark about an expense.
  struct Note: Decodable {
    var note: String
  }

  /// The other half of a change of currency, which some answers of the server have within the first one.
  struct Conversion: Decodable {
    var id: ImportedNumber
    var amount: ImportedNumber
    var currency: String
  }
}
