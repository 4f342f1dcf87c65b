/// Money on the wire: minor units beside their currency.
public struct Money: Codable, Hashable, Sendable {
  /// Minor units.
  public let amount: Int64
  /// What they are units of.
  public let currency: Currency

  /// Makes one.
  public init(amount: Int64, currency: Currency) {
    self.amount = amount
    self.currency = currency
  }
}

/// Where one account stands in one currency.
public struct Balance: Codable, Hashable, Sendable {
  /// Who: a member, or the kitty.
  public let account: LedgerAccount
  /// What the group calls them.
  public let name: String
  /// In which currency.
  public let currency: Currency
  /// What they have paid of expenses: minor units.
  public let paid: Int64
  /// What they have to bear of expenses: minor units.
  public let share: Int64
  /// What they have paid to others and into the kitty: minor units.
  public let sent: Int64
  /// What others and the kitty have paid to them: minor units.
  public let received: Int64
  /// `paid - share + sent - received`: positive is owed to them, negative they owe. What the kitty owes is
  /// what it holds.
  public let net: Int64

  /// Makes one.
  public init(
    account: LedgerAccount, name: String, currency: Currency, paid: Int64, share: Int64, sent: Int64 = 0,
    received: Int64 = 0
  ) {
    self.account = account
    self.name = name
    self.currency = currency
    self.paid = paid
    self.share = share
    self.sent = sent
    self.received = received
    net = paid - share + sent - received
  }
}

/// Where everybody stands. Per currency the nets add up to zero.
public struct Balances: Codable, Hashable, Sendable {
  /// Every present member at least in the group's currency, and whoever else has a balance; the kitty last,
  /// once money went through it.
  public let balances: [Balance]

  /// Makes them.
  public init(balances: [Balance]) { self.balances = balances }
}

/// What would be in the books if a request were not a dry run.
public struct EntryPreview: Codable, Hashable, Sendable {
  /// The id that decided who bears a leftover unit. A request that sends it stores exactly this entry.
  public let id: ID
  /// What the entry would say.
  public let entry: EntryContent
  /// Where everybody would stand.
  public let balances: [Balance]

  /// Makes one.
  public init(id: ID, entry: EntryContent, balances: [Balance]) {
    self.id = id
    self.entry = entry
    self.balances = balances
  }
}

/// What a request to enter something answers: the entry, or, for a dry run, what it would be.
public enum Entered: Codable, Hashable, Sendable {
  /// It is in the books.
  case entry(Entry)
  /// Nothing was written.
  case preview(EntryPreview)

  /// Reads whichever it is.
  public init(from decoder: any Decoder) throws {
    enum Key: CodingKey { case entry }
    let isPreview = try decoder.container(keyedBy: Key.self).contains(.entry)
    self = isPreview ? .preview(try EntryPreview(from: decoder)) : .entry(try Entry(from: decoder))
  }

  /// Writes the entry or the preview, without a word around it.
  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .entry(let entry): try entry.encode(to: encoder)
    case .preview(let preview): try preview.encode(to: encoder)
    }
  }
}

/// Where I stand, over all my groups.
public struct MyBalances: Codable, Hashable, Sendable {
  /// Per currency, over all groups; zeros are left out.
  public let totals: [Money]
  /// Per group and currency; zeros are left out.
  public let groups: [GroupBalance]

  /// Where I stand in one group.
  public struct GroupBalance: Codable, Hashable, Sendable {
    /// The group.
    public let group: ID
    /// What it is called.
    public let name: String
    /// Minor units: positive is owed to me.
    public let net: Int64
    /// What they are units of.
    public let currency: Currency

    /// Makes one.
    public init(group: ID, name: String, net: Int64, currency: Currency) {
      self.group = group
      self.name = name
      self.net = net
      self.currency = currency
    }
  }

  /// Makes them.
  public init(totals: [Money], groups: [GroupBalance]) {
    self.totals = totals
    self.groups = groups
  }
}

/// Why an account's balance is what it is: every posting to it, in the order of the days.
public struct Statement: Codable, Hashable, Sendable {
  /// Whose.
  public let account: LedgerAccount
  /// In which currency.
  public let currency: Currency
  /// Every currency in which there is something to state.
  public let currencies: [Currency]
  /// The net before the first line: minor units.
  public let opening: Int64
  /// The postings.
  public let lines: [Line]
  /// The net after the last line: minor units. The next page opens with it.
  public let closing: Int64
  /// What to send as `cursor` for the lines that follow; `nil` at the end.
  public let next: String?

  /// What one entry did to the account.
  public struct Line: Codable, Hashable, Sendable {
    /// The entry.
    public let entry: ID
    /// The entry's short number.
    public let number: Int64
    /// The entry's day.
    public let date: Day
    /// What sort of entry it is.
    public let kind: EntryContent.Kind
    /// What it was for.
    public let description: String
    /// What was paid or sent: minor units.
    public let paid: Int64
    /// What is borne or was received: minor units.
    public let share: Int64
    /// The net after it: minor units.
    public let balance: Int64

    /// Makes one.
    public init(
      entry: ID, number: Int64, date: Day, kind: EntryContent.Kind, description: String, paid: Int64,
      share: Int64, balance: Int64
    ) {
      self.entry = entry
      self.number = number
      self.date = date
      self.kind = kind
      self.description = description
      self.paid = paid
      self.share = share
      self.balance = balance
    }
  }

  /// Makes one.
  public init(
    account: LedgerAccount, currency: Currency, currencies: [Currency], opening: Int64, lines: [Line],
    closing: Int64, next: String?
  ) {
    self.account = account
    self.currency = currency
    self.currencies = currencies
    self.opening = opening
    self.lines = lines
    self.closing = closing
    self.next = next
  }
}

/// Somebody pays somebody: a debt as it came about, or a payment that would settle.
public struct Transfer: Codable, Hashable, Sendable {
  /// Who owes or pays.
  public let from: LedgerAccount
  /// Who is owed or receives.
  public let to: LedgerAccount
  /// Minor units, more than zero.
  public let amount: Int64
  /// What they are units of.
  public let currency: Currency

  /// Makes one.
  public init(from: LedgerAccount, to: LedgerAccount, amount: Int64, currency: Currency) {
    self.from = from
    self.to = to
    self.amount = amount
    self.currency = currency
  }
}

/// Who owes whom, as it came about and with nothing simplified but what two owe each other.
public struct Debts: Codable, Hashable, Sendable {
  /// The debts; per account they add up to its net.
  public let debts: [Transfer]

  /// Makes them.
  public init(debts: [Transfer]) { self.debts = debts }
}

/// Payments that clear every debt.
public struct SettlementPlan: Codable, Hashable, Sendable {
  /// The payments, per currency.
  public let payments: [Transfer]
  /// How each currency's payments were found.
  public let methods: [MethodOfCurrency]

  /// How a plan was found.
  public enum Method: String, Codable, Sendable {
    /// No plan has fewer payments.
    case fewest
    /// At most one payment less than there are unsettled accounts: there are too many to find the fewest.
    case greedy
    /// Everybody pays to or receives from one account, as was asked for.
    case centred
  }

  /// The method for one currency.
  public struct MethodOfCurrency: Codable, Hashable, Sendable {
    /// The currency.
    public let currency: Currency
    /// The method.
    public let method: Method

    /// Makes one.
    public init(currency: Currency, method: Method) {
      self.currency = currency
      self.method = method
    }
  }

  /// Makes one.
  public init(payments: [Transfer], methods: [MethodOfCurrency]) {
    self.payments = payments
    self.methods = methods
  }
}
