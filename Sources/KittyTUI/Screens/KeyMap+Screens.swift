import KittyShared

extension KeyMap {
  /// The keys of the settings, with their conflicts on the screens of the program.
  static func standard(_ settings: ClientSettings, _ environment: [String: String]) -> KeyMap {
    guard !settings.keys.isEmpty else { return KeyMap() }
    return KeyMap(settings.keys, at: ConfigFile.path(environment), screens: samples)
  }

  /// A screen of each kind that has keys, with a group of one member.
  static var samples: [any Screen] {
    let moment = Instant.now
    let (id, me) = (ID(at: moment), ID(at: moment))
    guard let currency = Currency(code: "EUR") else { return [] }
    let member = Member(
      id: me, name: "Anna", user: nil, role: .owner, photo: nil, createdAt: moment, removedAt: nil)
    let group = Group(
      id: id, name: "group", currency: currency, me: me, role: .owner, balances: [], memberCount: 1,
      photo: nil, createdAt: moment, archivedAt: nil, version: 1)
    let amount = Amount(100, currency)
    let content = EntryContent(
      kind: .expense, description: "entry", amount: amount, rate: nil, booked: amount, date: moment.day,
      note: nil, payers: [], split: nil, shares: [])
    let entry = Entry(
      id: id, number: 1, content: content, createdBy: me, createdAt: moment, changedAt: moment,
      deletedAt: nil, commentCount: 0, version: 1)
    let data = GroupData(group: group, members: [member], balances: [], entries: [entry])
    return [
      GroupsScreen(), GroupScreen(group), EntryScreen(data, entry), KittyScreen(data),
      ReceiptsScreen(data, entry), ImportForm(data, id: id, key: id), ImportsScreen(data),
      ImportForm(data, id: id, key: id, report: ImportReport(format: .csv)),
      StatementScreen(data, of: .kitty), SettleScreen(data), RoundScreen(data, id: id), DebtsScreen(data),
      InvitesScreen(data),
      BalancesScreen(data, today: moment.day), DraftsScreen(), ExpenseForm(data, id: id, today: moment.day),
      PaymentForm(data, id: id, today: moment.day), MemberForm(group: id, id: id), MembersScreen(data),
      StatisticsScreen(data), CategoriesScreen(data), CategoryForm(data, id: id, under: nil),
      RecurringScreen(data), RuleScreen(data, id), RecurringForm(data, id: id, today: moment.day),
      GroupSettingsScreen(data), DeletedEntriesScreen(data),
      QuickEntryScreen(data, id: id, today: moment.day),
      InviteForm(data, id: id), YouScreen(), TokensScreen(), SessionsScreen(), SecondFactorScreen(nil),
      SignInScreen(),
    ]
  }
}
