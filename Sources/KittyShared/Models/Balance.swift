/// Money on the wire: minor units beside their currency.
package struct Money: Codable, Hashable, Sendable {
  /// Minor units.
  package let amount: Int64
  /// The currency of the amount.
  package let currency: Currency

  package init(amount: Int64, currency: Currency) {
    self.amount = amount
    self.currency = currency
  }
}

/// The balance of one account in one currency.
package struct Balance: Codable, Hashable, Sendable {
  /// A member, or the kitty.
  package let account: LedgerAccount
  /// The name in the group.
  package let name: String
  /// The currency.
  package let currency: Currency
  /// Paid expenses: minor units.
  package let paid: Int64
  /// Share of expenses: minor units.
  package let share: Int64
  /// Payments to others and into the kitty: minor units.
  package let sent: Int64
  /// Payments from others and from the kitty: minor units.
  package let received: Int64
  /// `paid - share + sent - received`: positive is owed to the account, negative is owed by it. The kitty holds
  /// what it owes.
  package let net: Int64

  package init(
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

/// The balances of all accounts. Per currency the nets add up to zero.
package struct Balances: Codable, Hashable, Sendable {
  /// Every present member at least in the group's currency, and former members with a balance; the kitty last,
  /// once it has been used.
  package let balances: [Balance]

  package init(balances: [Balance]) { self.balances = balances }
}

/// The result of a dry run: the entry that the request would create.
package struct EntryPreview: Codable, Hashable, Sendable {
  /// The id that decides which member bears a leftover unit. A request with this id creates exactly this entry.
  package let id: ID
  /// The content of the entry.
  package let entry: EntryContent
  /// The balances with the entry.
  package let balances: [Balance]

  package init(id: ID, entry: EntryContent, balances: [Balance]) {
    self.id = id
    self.entry = entry
    self.balances = balances
  }
}

/// The response to the creation of an entry: the entry, or its preview for a dry run.
package enum Entered: Codable, Hashable, Sendable {
  /// The entry was created.
  case entry(Entry)
  /// Nothing was written.
  case preview(EntryPreview)

  /// Reads an entry or a preview.
  package init(from decoder: any Decoder) throws {
    enum Key: CodingKey { case entry }
    let isPreview = try decoder.container(keyedBy: Key.self).contains(.entry)
    self = isPreview ? .preview(try EntryPreview(from: decoder)) : .entry(try Entry(from: decoder))
  }

  /// Writes the entry or the preview, without a wrapper.
  package func encode(to encoder: any Encoder) throws {
    switch self {
    case .entry(let entry): try entry.encode(to: encoder)
    case .preview(let preview): try preview.encode(to: encoder)
    }
  }
}

/// The balances of the user in all their groups.
package struct MyBalances: Codable, Hashable, Sendable {
  /// Per currency, over all groups; zeros are left out.
  package let totals: [Money]
  /// Per group and currency; zeros are left out.
  package let groups: [GroupBalance]

  /// The balance of the user in one group.
  package struct GroupBalance: Codable, Hashable, Sendable {
    /// The group.
    package let group: ID
    /// The name.
    package let name: String
    /// Minor units: positive is owed to the user.
    package let net: Int64
    /// The currency of the amount.
    package let currency: Currency

    package init(group: ID, name: String, net: Int64, currency: Currency) {
      self.group = group
      self.name = name
      self.net = net
      self.currency = currency
    }
  }

  package init(totals: [Money], groups: [GroupBalance]) {
    self.totals = totals
    self.groups = groups
  }
}

/// The statement of an account: every posting to it, in the order of the days.
package struct Statement: Codable, Hashable, Sendable {
  /// The account.
  package let account: LedgerAccount
  /// The currency.
  package let currency: Currency
  /// The currencies of the account's postings.
  package let currencies: [Currency]
  /// The net before the first line: minor units.
  package let opening: Int64
  /// The postings.
  package let lines: [Line]
  /// The net after the last line: minor units. It is the opening of the next page.
  package let closing: Int64
  /// The `cursor` of the next page; `nil` on the last page.
  package let next: String?

  /// The effect of one entry on the account.
  package struct Line: Codable, Hashable, Sendable {
    /// The entry.
    package let entry: ID
    /// The entry's short number.
    package let number: Int64
    /// The entry's day.
    package let date: Day
    /// The kind of the entry.
    package let kind: EntryContent.Kind
    /// The description.
    package let description: String
    /// Paid or sent: minor units.
    package let paid: Int64
    /// The share, or received: minor units.
    package let share: Int64
    /// The net after it: minor units.
    package let balance: Int64

    package init(
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

  package init(
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

/// A debt between two accounts, or a suggested payment that settles debts.
package struct Transfer: Codable, Hashable, Sendable {
  /// The debtor or payer.
  package let from: LedgerAccount
  /// The creditor or receiver.
  package let to: LedgerAccount
  /// Minor units, more than zero.
  package let amount: Int64
  /// The currency of the amount.
  package let currency: Currency

  package init(from: LedgerAccount, to: LedgerAccount, amount: Int64, currency: Currency) {
    self.from = from
    self.to = to
    self.amount = amount
    self.currency = currency
  }
}

/// The debts between pairs of accounts. Only the debts within a pair are offset.
package struct Debts: Codable, Hashable, Sendable {
  /// The debts; per account they add up to its net.
  package let debts: [Transfer]

  package init(debts: [Transfer]) { self.debts = debts }
}

/// Payments that clear every debt.
package struct SettlementPlan: Codable, Hashable, Sendable {
  /// The payments, per currency.
  package let payments: [Transfer]
  /// The method for each currency.
  package let methods: [MethodOfCurrency]

  /// The method that found a plan.
  package enum Method: String, Codable, Sendable {
    /// No plan has fewer payments.
    case fewest
    /// At most n - 1 payments for n unsettled accounts, which are too many to find the fewest.
    case greedy
    /// All accounts pay to or receive from one account, as requested.
    case centred
  }

  /// The method for one currency.
  package struct MethodOfCurrency: Codable, Hashable, Sendable {
    /// The currency.
    package let currency: Currency
    /// The method.
    package let method: Method

    package init(currency: Currency, method: Method) {
      self.currency = currency
      self.method = method
    }
  }

  package init(payments: [Transfer], methods: [MethodOfCurrency]) {
    self.payments = payments
    self.methods = methods
  }
}
