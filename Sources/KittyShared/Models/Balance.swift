/// Money on the wire: minor units beside their currency.
package struct Money: Codable, Hashable, Sendable {
  /// Minor units.
  package let amount: Int64
  /// What they are units of.
  package let currency: Currency

  package init(amount: Int64, currency: Currency) {
    self.amount = amount
    self.currency = currency
  }
}

/// Where one account stands in one currency.
package struct Balance: Codable, Hashable, Sendable {
  /// Who: a member, or the kitty.
  package let account: LedgerAccount
  /// What the group calls them.
  package let name: String
  /// In which currency.
  package let currency: Currency
  /// What they have paid of expenses: minor units.
  package let paid: Int64
  /// What they have to bear of expenses: minor units.
  package let share: Int64
  /// What they have paid to others and into the kitty: minor units.
  package let sent: Int64
  /// What others and the kitty have paid to them: minor units.
  package let received: Int64
  /// `paid - share + sent - received`: positive is owed to them, negative they owe. What the kitty owes is
  /// what it holds.
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

/// Where everybody stands. Per currency the nets add up to zero.
package struct Balances: Codable, Hashable, Sendable {
  /// Every present member at least in the group's currency, and whoever else has a balance; the kitty last,
  /// once money went through it.
  package let balances: [Balance]

  package init(balances: [Balance]) { self.balances = balances }
}

/// What would be in the books if a request were not a dry run.
package struct EntryPreview: Codable, Hashable, Sendable {
  /// The id that decided who bears a leftover unit. A request that sends it stores exactly this entry.
  package let id: ID
  /// What the entry would say.
  package let entry: EntryContent
  /// Where everybody would stand.
  package let balances: [Balance]

  package init(id: ID, entry: EntryContent, balances: [Balance]) {
    self.id = id
    self.entry = entry
    self.balances = balances
  }
}

/// What a request to enter something answers: the entry, or, for a dry run, what it would be.
package enum Entered: Codable, Hashable, Sendable {
  /// It is in the books.
  case entry(Entry)
  /// Nothing was written.
  case preview(EntryPreview)

  /// Reads whichever it is.
  package init(from decoder: any Decoder) throws {
    enum Key: CodingKey { case entry }
    let isPreview = try decoder.container(keyedBy: Key.self).contains(.entry)
    self = isPreview ? .preview(try EntryPreview(from: decoder)) : .entry(try Entry(from: decoder))
  }

  /// Writes the entry or the preview, without a word around it.
  package func encode(to encoder: any Encoder) throws {
    switch self {
    case .entry(let entry): try entry.encode(to: encoder)
    case .preview(let preview): try preview.encode(to: encoder)
    }
  }
}

/// Where I stand, over all my groups.
package struct MyBalances: Codable, Hashable, Sendable {
  /// Per currency, over all groups; zeros are left out.
  package let totals: [Money]
  /// Per group and currency; zeros are left out.
  package let groups: [GroupBalance]

  /// Where I stand in one group.
  package struct GroupBalance: Codable, Hashable, Sendable {
    /// The group.
    package let group: ID
    /// What it is called.
    package let name: String
    /// Minor units: positive is owed to me.
    package let net: Int64
    /// What they are units of.
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

/// Why an account's balance is what it is: every posting to it, in the order of the days.
package struct Statement: Codable, Hashable, Sendable {
  /// Whose.
  package let account: LedgerAccount
  /// In which currency.
  package let currency: Currency
  /// Every currency in which there is something to state.
  package let currencies: [Currency]
  /// The net before the first line: minor units.
  package let opening: Int64
  /// The postings.
  package let lines: [Line]
  /// The net after the last line: minor units. The next page opens with it.
  package let closing: Int64
  /// What to send as `cursor` for the lines that follow; `nil` at the end.
  package let next: String?

  /// What one entry did to the account.
  package struct Line: Codable, Hashable, Sendable {
    /// The entry.
    package let entry: ID
    /// The entry's short number.
    package let number: Int64
    /// The entry's day.
    package let date: Day
    /// What sort of entry it is.
    package let kind: EntryContent.Kind
    /// What it was for.
    package let description: String
    /// What was paid or sent: minor units.
    package let paid: Int64
    /// What is borne or was received: minor units.
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

/// Somebody pays somebody: a debt as it came about, or a payment that would settle.
package struct Transfer: Codable, Hashable, Sendable {
  /// Who owes or pays.
  package let from: LedgerAccount
  /// Who is owed or receives.
  package let to: LedgerAccount
  /// Minor units, more than zero.
  package let amount: Int64
  /// What they are units of.
  package let currency: Currency

  package init(from: LedgerAccount, to: LedgerAccount, amount: Int64, currency: Currency) {
    self.from = from
    self.to = to
    self.amount = amount
    self.currency = currency
  }
}

/// Who owes whom, as it came about and with nothing simplified but what two owe each other.
package struct Debts: Codable, Hashable, Sendable {
  /// The debts; per account they add up to its net.
  package let debts: [Transfer]

  package init(debts: [Transfer]) { self.debts = debts }
}

/// Payments that clear every debt.
package struct SettlementPlan: Codable, Hashable, Sendable {
  /// The payments, per currency.
  package let payments: [Transfer]
  /// How each currency's payments were found.
  package let methods: [MethodOfCurrency]

  /// How a plan was found.
  package enum Method: String, Codable, Sendable {
    /// No plan has fewer payments.
    case fewest
    /// At most one payment less than there are unsettled accounts: there are too many to find the fewest.
    case greedy
    /// Everybody pays to or receives from one account, as was asked for.
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
