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
    .init("groups-home") {
      var state = Fixtures.state(GroupsScreen())
      let groups = [
        Fixtures.group(), Fixtures.group("Holiday in Portugal", number: 91, net: -104_092),
        Fixtures.group("井上さんの家", number: 92, net: 0),
      ]
      state.get(.groups(groups))
      let days: [(String, Int64, String)] = [
        ("2026-11-02", 30_000, "Rent"), ("2026-11-09", 1_240, "Cheese"), ("2026-11-14", 5_600, "Power"),
        ("2026-11-23", 4_390, "Dinner"),
      ]
      func digest(_ group: Group, _ days: [(String, Int64, String)], _ words: [String]) -> GroupDigest {
        GroupDigest(
          group: group.id, sequence: group.sequence, month: Day("2026-11-01")!,
          parts: days.map { day, amount, words in
            .init(
              day: Day(day)!, money: Money(amount: amount, currency: Fixtures.eur), count: 1, largest: amount,
              description: words)
          }, isSettledByOne: words.isEmpty,
          news: .init(count: words.count, isMore: false, words: words))
      }
      state.get(
        .digests([
          digest(groups[0], days, ["Cheese", "Bob → you"]), digest(groups[1], [], []),
        ]))
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
