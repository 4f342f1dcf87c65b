import KittyShared
import Testing

@testable import KittyTUI

/// The place of the command line.
struct DestinationTests {
  private let flat = Fixtures.group()
  private let flag = Fixtures.group("Flag/Fahne", number: 91, net: 0)
  private var old: Group {
    Group(
      id: Fixtures.id(93), name: "Old", currency: Fixtures.eur, me: flat.me, role: .owner, balances: [],
      memberCount: 1, photo: nil, createdAt: flat.createdAt, archivedAt: flat.createdAt, version: 1)
  }

  private func state(_ place: String) -> AppState {
    var state = Fixtures.state(GroupsScreen())
    state.destination = place
    let effects = state.start()
    #expect(effects.contains(.loadPlaces))
    return state
  }

  @Test(
    arguments: [
      ("flat", "Flat 12", nil), ("FLAT 12", "Flat 12", nil), ("flat/318", "Flat 12", "318"),
      ("flat/", "Flat 12", nil),
      ("flag/fahne", "Flag/Fahne", nil), ("flag/fahne/settle", "Flag/Fahne", "settle"),
      ("flag", "Flag/Fahne", nil),
      ("old/1", "Old", "1"),
    ] as [(String, String, String?)])
  func groupIsMeant(text: String, name: String, place: String?) throws {
    guard case .found(let group, let found) = Destination(text, in: [flat, flag, old]) else {
      Issue.record("\(text) is not found")
      return
    }
    #expect(group.name == name && found == place)
  }

  @Test func groupIsFoundByItsID() {
    guard case .found(let group, "7") = Destination("\(flag.id)/7", in: [flat, flag]) else {
      Issue.record("not found")
      return
    }
    #expect(group.id == flag.id)
  }

  @Test(arguments: [("fla/1", "could be \"Flat 12\" or \"Flag/Fahne\""), ("boat", "no group whose name")])
  func unclearGroupIsSaid(text: String, words: String) {
    var state = state(text)
    state.get(.places([flat, flag]))
    #expect(state.text.contains(words) && state.screens.count == 1)
  }

  @Test func entryOpens() {
    var state = state("flat/3")
    #expect(state.get(.places([flat])) == [.loadGroup(flat.id)])
    state.get(.group(Fixtures.data))
    #expect(state.screens.map(\.title) == ["Groups", "Flat 12", "#3"])
    // Only once.
    state.press(.escape, .escape)
    state.get(.places([flat]))
    #expect(state.screens.count == 1)
  }

  @Test(
    arguments: [
      ("settle", "Settle up"), ("kitty", "Kitty"), ("bob", "Statement of Bob"), ("balances", "Balances"),
      ("add", "New expense"), ("#12", "#12"), ("invites", "Invites"), ("recurring", "Recurring"),
      ("rules", "Recurring"), ("repeat", "Recurring"), ("categories", "Categories"), ("tags", "Categories"),
    ]) func placeOpens(name: String, title: String)
  {
    var state = state("flat/\(name)")
    state.get(.places([flat]))
    state.get(.group(Fixtures.data))
    #expect(state.top.title.string == title)
  }

  @Test(
    arguments: [
      ("99", "There is no entry #99"), ("delete", "There is no \"delete\""), ("quit", "There is no \"quit\""),
    ])
  func missingPlaceOpensTheGroup(name: String, words: String) {
    var state = state("flat/\(name)")
    state.get(.places([flat]))
    state.get(.group(Fixtures.data))
    #expect(state.top is GroupScreen && state.text.contains(words))
  }

  @Test func destinationWaitsForTheSignIn() {
    var state = Fixtures.state(SignInScreen())
    state.destination = "flat"
    #expect(state.start() == [])
    #expect(state.get(.signedIn(name: "anna")).contains(.loadPlaces))
    state.get(.places([flat]))
    #expect(state.top.title == "Flat 12")
  }

  @Test func failedReadIsRepeated() {
    var state = state("flat")
    state.get(.failed(.loadPlaces, .offline("Away.")))
    state.finish(.loadPlaces)
    #expect(state.get(.groups([flat])).contains(.loadPlaces))
  }

  @Test(
    arguments: [
      (["flat/318"], "flat/318"), (["flat", "--server", "http://x"], "flat"), (["--open", "add/1"], "add/1"),
      (["--decimal-mark", "comma", "flat/recurring"], "flat/recurring"), (["--ascii", "flat"], "flat"),
      (["--server", "http://x", "flat/3", "--ascii"], "flat/3"), (["--decimal-mark", "comma"], nil),
      ([], nil),
    ] as [([String], String?)]) func argumentOfTheCommandLineIsThePlace(arguments: [String], place: String?)
    throws
  {
    let command = try #require(try KittyTUI.parseAsRoot(KittyTUI.arguments(arguments)) as? KittyTUI)
    #expect(command.place == place)
  }

  @Test func nameOfACommandIsNoPlace() throws {
    #expect(KittyTUI.arguments(["groups"]) == ["groups"] && KittyTUI.arguments(["help"]) == ["help"])
    for words in [
      ["--server", "http://x", "balances"], ["--server", "http://x", "groups"], ["--version", "flat"],
    ] {
      #expect(KittyTUI.arguments(words) == words)
    }
    let error = #expect(throws: (any Error).self) {
      try KittyTUI.parseAsRoot(KittyTUI.arguments(["grups", "flat"]))
    }
    #expect(error.map { KittyTUI.exitCode(for: $0) } == .validationFailure)
  }
}
