extension SplitProFile {
  /// The users in a file: their names, and who is a member of the group.
  struct People {
    /// The name of each user by id; empty for one without a name.
    private(set) var names: [String: String] = [:]
    /// The ids of the members that the group lists.
    private let listed: [String]
    /// The ids that balances and expenses name, in their order.
    private var used: [String] = []
    private var isUsed: Set<String> = []

    init(_ group: Group, _ friends: [String: Person]) {
      listed = (group.groupUsers ?? []).map(\.userId.text) + (group.users ?? []).map(\.id.text)
      for person in friends.values { note(person) }
      for person in group.users ?? [] { note(person) }
      for user in group.groupUsers ?? [] { note(user.user) }
      for debt in group.groupBalances ?? [] {
        use(debt.userId)
        use(debt.friendId ?? debt.firendId)
      }
    }

    /// Notes whom an expense names.
    mutating func note(_ expense: Expense) {
      note(expense.paidByUser)
      use(expense.paidBy)
      for part in expense.expenseParticipants {
        note(part.user)
        use(part.userId)
      }
    }

    private mutating func note(_ person: Person?) {
      guard let person, names[person.id.text]?.isEmpty ?? true else { return }
      names[person.id.text] = person.name ?? person.email ?? ""
    }

    private mutating func use(_ id: ImportedNumber?) {
      if let id, isUsed.insert(id.text).inserted { used.append(id.text) }
    }

    /// The ids of the members, in order. Who has left the group is in its expenses, but not in the list of its users.
    var members: [String] {
      var known: Set<String> = []
      return (listed + used.filter { names[$0] != nil }).filter { known.insert($0).inserted }
    }
  }
}
