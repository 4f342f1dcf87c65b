import KittyShared

@testable import KittyTUI

/// Golden cases of the list of groups and its form.
enum GroupsGoldens {
  static let all: [GoldenScreen] = [
    .init("groups-empty") {
      var state = Fixtures.state(GroupsScreen())
      state.get(.groups([]))
      return state
    },
    .init("groups") {
      var state = Fixtures.state(GroupsScreen())
      state.get(
        .groups([
          Fixtures.group(),
          Fixtures.group("Holiday in Portugal with all of us from the old school", number: 91, net: -1200),
          Fixtures.group("井上さんの家", number: 92, net: 0),
        ]))
      state.press(.down)
      return state
    },
    .init("groups-filter") {
      var state = Fixtures.state(GroupsScreen())
      state.get(.groups([Fixtures.group(), Fixtures.group("Holiday", number: 91)]))
      state.type("/hol")
      return state
    },
    .init("groups-deleted") {
      var state = Fixtures.state(GroupsScreen())
      state.get(.groups([Fixtures.group()]))
      state.type("vv")
      state.get(.groups([Fixtures.group("Old flat", number: 93, net: 0)]))
      state.type("A")
      return state
    },
    .init("new-group") {
      var state = Fixtures.state(GroupsScreen())
      state.get(.groups([]))
      state.type("nFlat 12")
      return state
    },
    .init("edit-group") {
      var state = Fixtures.state(GroupsScreen())
      state.get(.groups([Fixtures.group()]))
      state.type("e")
      state.press(.tab)
      state.type("2026-03-31")
      return state
    },
  ]
}
