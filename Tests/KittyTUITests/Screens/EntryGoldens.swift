import KittyShared

@testable import KittyTUI

/// Golden cases of an entry.
enum EntryGoldens {
  static let all: [GoldenScreen] = [
    .init("entry") {
      var state = Fixtures.openGroup()
      state.press(.enter)
      let entry = Fixtures.expenses[0]
      let anna = Fixtures.members[0].id
      state.get(
        .entry(
          EntryDetails(
            entry: entry,
            history: [
              Revision(version: 1, action: .created, by: anna, at: entry.createdAt, changes: []),
              Revision(
                version: 2, action: .changed, by: anna, at: entry.createdAt,
                changes: [.init(field: "description", old: .text("Diner"), new: .text("Dinner"))]),
            ],
            comments: [
              Comment(
                id: Fixtures.id(5), text: "Really so much?", createdBy: anna, createdAt: entry.createdAt)
            ])))
      return state
    },
    .init("entry-shares") {
      var state = MixedBooks.state()
      state.press(.down, .down, .enter)
      return state
    },
    .init("entry-history") {
      var state = Fixtures.openGroup()
      state.press(.enter)
      state.get(.entry(Fixtures.changedExpense))
      return state
    },
  ]
}
