import KittyShared

@testable import KittyTUI

/// Golden cases of a group and the form of a member.
enum GroupGoldens {
  static let all: [GoldenScreen] = [
    .init("group") { Fixtures.openGroup() },
    .init("group-mixed") { MixedBooks.state() },
    .init("group-mixed-members") {
      var state = MixedBooks.state()
      state.press(.tab, .down)
      return state
    },
    .init("group-mixed-filter") {
      var state = MixedBooks.state()
      state.type("/cafe 28 nov")
      return state
    },
    .init("group-filter-fault") {
      var state = MixedBooks.state()
      state.type("/cafe foo:b")
      return state
    },
    .init("group-offline") {
      var state = Fixtures.openGroup()
      state.get(
        .failed(
          .loadGroup(Fixtures.group().id),
          .offline("Cannot reach http://127.0.0.1:8080: there is no server at this address.")))
      state.finish(.loadGroup(Fixtures.group().id))
      return state
    },
    .init("group-delete") {
      var state = Fixtures.openGroup()
      state.type("d")
      return state
    },
    .init("group-toast") {
      var state = Fixtures.openGroup()
      let problem = Rejection.conflict(
        "not_settled",
        "Bob still owes 33.33 EUR. Enter a payment of it first, or remove them all the same with force.")
      state.get(
        .failed(
          .deleteEntry(group: Fixtures.group().id, entry: Fixtures.expenses[0].id), .rejected(problem)))
      return state
    },
    .init("group-help") {
      var state = Fixtures.openGroup()
      state.type("?")
      return state
    },
    .init("new-member") {
      var state = Fixtures.openGroup()
      state.type("mDora")
      return state
    },
    .init("edit-member") {
      var state = Fixtures.openGroup()
      state.press(.tab, .down)
      state.type("e")
      state.press(.tab, .control("u"))
      state.type("two")
      state.press(.enter)
      return state
    },
  ]
}
