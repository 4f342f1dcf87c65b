import Foundation
import KittyShared
import Testing

@testable import KittyTUI

/// Every screen as text, at four sizes. A change of a picture shows in the difference of a file; run with
/// RECORD_GOLDENS=1 to take the new ones, and look at them.
struct GoldenTests {
  static let sizes = [(80, 24), (120, 40), (60, 20), (40, 15)]

  static let screens: [(name: String, state: @Sendable () -> AppState)] = [
    ("sign-in", { Fixtures.state(SignInScreen()) }),
    (
      "sign-in-code",
      {
        var state = Fixtures.state(SignInScreen())
        state.type("anna")
        state.press(.tab)
        state.type("a long password")
        let effect = Effect.signIn(name: "anna", password: "a long password")
        state.get(.failed(effect, .rejected(.secondFactorNeeded)))
        return state
      }
    ),
    (
      "sign-up-errors",
      {
        var state = Fixtures.state(SignInScreen())
        state.press(.control("t"))
        state.type("anna b")
        state.press(.tab)
        state.type("short")
        state.press(.enter)
        return state
      }
    ),
    (
      "groups-empty",
      {
        var state = Fixtures.state(GroupsScreen())
        state.get(.groups([]))
        return state
      }
    ),
    (
      "groups",
      {
        var state = Fixtures.state(GroupsScreen())
        state.get(
          .groups([
            Fixtures.group(),
            Fixtures.group("Holiday in Portugal with everybody from the old school", number: 91, net: -1200),
            Fixtures.group("井上さんの家", number: 92, net: 0),
          ]))
        state.press(.down)
        return state
      }
    ),
    (
      "groups-filter",
      {
        var state = Fixtures.state(GroupsScreen())
        state.get(.groups([Fixtures.group(), Fixtures.group("Holiday", number: 91)]))
        state.type("/hol")
        return state
      }
    ),
    ("group", { groupState() }),
    (
      "group-offline",
      {
        var state = groupState()
        state.get(
          .failed(
            .loadGroup(Fixtures.group().id),
            .offline("Cannot reach http://127.0.0.1:8080: nobody answers there.")))
        state.finish(.loadGroup(Fixtures.group().id))
        return state
      }
    ),
    (
      "group-delete",
      {
        var state = groupState()
        state.type("d")
        return state
      }
    ),
    (
      "group-toast",
      {
        var state = groupState()
        let problem = Rejection.conflict(
          "not_settled",
          "Bob still owes 33.33 EUR. Enter a payment of it first, or remove them all the same with force.")
        state.get(
          .failed(
            .removeMember(group: Fixtures.group().id, member: Fixtures.members[1].id), .rejected(problem)))
        return state
      }
    ),
    (
      "expense-shares",
      {
        var state = groupState()
        state.type("a")
        state.type("Dinner")
        state.press(.tab)
        state.type("100")
        state.press(.tab, .tab, .tab, .right, .tab)
        state.type("2")
        state.press(.tab, .tab)
        state.type("1")
        return state
      }
    ),
    (
      "expense-exact-missing",
      {
        var state = groupState()
        state.type("a")
        state.type("Dinner")
        state.press(.tab)
        state.type("100")
        state.press(.tab, .tab, .tab, .right, .right, .right, .tab)
        state.type("60")
        state.press(.tab)
        state.type("39.5")
        return state
      }
    ),
    (
      "expense-more",
      {
        var state = groupState()
        state.type("aTaxi")
        state.press(.tab)
        state.type("100")
        state.press(.control("o"), .control("u"))
        state.type("USD")
        state.press(.tab)
        state.type("0.923")
        state.press(.tab)
        state.type("From the airport, at night")
        return state
      }
    ),
    (
      "expense-several",
      {
        var state = groupState()
        state.type("aTaxi")
        state.press(.tab)
        state.type("100")
        state.press(.tab, .tab, .left, .left, .tab)
        state.type("60")
        state.press(.tab, .tab, .tab, .tab)
        state.type("30")
        return state
      }
    ),
    ("expense-items", { receiptState() }),
    (
      "expense-item",
      {
        var state = receiptState()
        state.press(.up, .up, .up, .enter, .tab, .tab, .tab)
        return state
      }
    ),
    (
      "expense-help",
      {
        var state = groupState()
        state.type("a")
        state.press(.control("g"))
        return state
      }
    ),
    (
      "payment-more",
      {
        var state = groupState()
        state.type("y")
        state.press(.tab, .tab)
        state.type("20")
        state.press(.tab, .control("u"))
        state.type("JPY")
        state.press(.control("o"))
        state.type("0,0061")
        return state
      }
    ),
    (
      "count",
      {
        var state = groupState()
        state.type("t12.50")
        state.press(.control("o"))
        return state
      }
    ),
    (
      "payment",
      {
        var state = groupState()
        state.type("y")
        state.press(.tab, .tab)
        state.type("20")
        return state
      }
    ),
    (
      "settle",
      {
        var state = groupState()
        state.type("s")
        let (anna, bob, carl) = (Fixtures.members[0].id, Fixtures.members[1].id, Fixtures.members[2].id)
        state.get(
          .plan(
            group: Fixtures.group().id,
            SettlementPlan(
              payments: [
                Transfer(from: .member(bob), to: .member(anna), amount: 3333, currency: Fixtures.eur),
                Transfer(from: .member(carl), to: .member(anna), amount: 3334, currency: Fixtures.eur),
              ], methods: [.init(currency: Fixtures.eur, method: .fewest)])))
        return state
      }
    ),
    (
      "entry",
      {
        var state = groupState()
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
      }
    ),
    (
      "entry-history",
      {
        var state = groupState()
        state.press(.enter)
        state.get(.entry(Fixtures.changedExpense))
        return state
      }
    ),
    (
      "kitty",
      {
        var state = groupState()
        state.type("i")
        state.get(.kitty(group: Fixtures.group().id, Fixtures.kitty))
        state.press(.down)
        return state
      }
    ),
    (
      "kitty-target",
      {
        var state = groupState()
        state.type("i")
        state.get(.kitty(group: Fixtures.group().id, Fixtures.kitty))
        state.press(.down, .enter)
        return state
      }
    ),
    ("statement", { statementState(.member(Fixtures.members[0].id)) }),
    ("statement-kitty", { statementState(.kitty) }),
    (
      "debts",
      {
        var state = groupState()
        state.type("sd")
        let people = Fixtures.members.map { LedgerAccount.member($0.id) }
        state.get(
          .debts(
            group: Fixtures.group().id,
            [
              Transfer(from: people[1], to: people[0], amount: 3333, currency: Fixtures.eur),
              Transfer(from: people[2], to: people[0], amount: 3334, currency: Fixtures.eur),
              Transfer(from: .kitty, to: people[3], amount: 500, currency: Currency(code: "JPY")!),
            ]))
        return state
      }
    ),
    (
      "balances-day",
      {
        var state = groupState()
        state.type("b")
        state.press(.up)
        let balances =
          Fixtures.data.balances + [
            Balance(account: .kitty, name: "Kitty", currency: Fixtures.eur, paid: 0, share: 5000)
          ]
        state.get(.balances(group: Fixtures.group().id, at: Day("2026-11-23")!, balances))
        return state
      }
    ),
    (
      "edit-member",
      {
        var state = groupState()
        state.press(.tab, .down)
        state.type("e")
        state.press(.tab, .control("u"))
        state.type("two")
        state.press(.enter)
        return state
      }
    ),
    (
      "edit-group",
      {
        var state = Fixtures.state(GroupsScreen())
        state.get(.groups([Fixtures.group()]))
        state.type("e")
        state.press(.tab)
        state.type("2026-03-31")
        return state
      }
    ),
    (
      "groups-deleted",
      {
        var state = Fixtures.state(GroupsScreen())
        state.get(.groups([Fixtures.group()]))
        state.type("vv")
        state.get(.groups([Fixtures.group("Old flat", number: 93, net: 0)]))
        state.type("A")
        return state
      }
    ),
    (
      "group-help",
      {
        var state = groupState()
        state.type("?")
        return state
      }
    ),
    (
      "expense",
      {
        var state = groupState()
        state.type("aDinner")
        state.press(.enter)
        state.type("100,00")
        return state
      }
    ),
    (
      "expense-ambiguous",
      {
        var state = groupState()
        state.type("aDinner")
        state.press(.enter)
        state.type("1,234")
        state.press(.enter)
        return state
      }
    ),
    (
      "new-group",
      {
        var state = Fixtures.state(GroupsScreen())
        state.get(.groups([]))
        state.type("nFlat 12")
        return state
      }
    ),
    (
      "new-member",
      {
        var state = groupState()
        state.type("mDora")
        return state
      }
    ),
    (
      "join",
      {
        var state = Fixtures.state(GroupsScreen())
        state.get(.groups([]))
        state.type("iabc")
        state.press(.enter)
        let code = InviteCode(code: "abc")
        let problem = Rejection.notFound("invite with this code")
        state.get(.failed(.lookUpInvite(code), .rejected(problem)))
        return state
      }
    ),
    (
      "join-look",
      {
        var state = Fixtures.state(GroupsScreen())
        state.get(.groups([]))
        state.type("i\(Fixtures.invites[0].code)")
        state.press(.enter)
        state.get(.invitation(InviteCode(code: Fixtures.invites[0].code), Fixtures.invitation))
        return state
      }
    ),
    (
      "invites",
      {
        var state = groupState()
        state.type("v")
        state.get(.invites(group: Fixtures.group().id, Fixtures.invites))
        return state
      }
    ),
    (
      "invite",
      {
        var state = groupState()
        state.type("v")
        state.get(.invites(group: Fixtures.group().id, []))
        state.type("n")
        state.press(.right, .tab, .tab, .control("u"))
        state.type("400")
        state.press(.enter)
        return state
      }
    ),
    (
      "photo-choose",
      {
        var state = groupState()
        state.type("p/tmp/ca")
        state.get(.completions(["/tmp/cat.jpg", "/tmp/cats/"]))
        return state
      }
    ),
    (
      "photo-progress",
      {
        var state = groupState()
        state.type("p/tmp/cat.jpg")
        state.press(.enter)
        state.get(.progress(sent: 512 * 1024, total: 2048 * 1024))
        return state
      }
    ),
    (
      "photo",
      {
        var state = groupState()
        state.type("p")
        let pixels = (0..<(64 * 48)).flatMap { $0 % 64 < 32 ? [250, 200, 40] : [40, 90, 200] as [UInt8] }
        let preview = Preview(ppm: Array("P6\n64 48\n255\n".utf8) + pixels)
        state.get(.uploaded(.group(Fixtures.group().id), Photo(hash: "aa", width: 640, height: 480)))
        state.get(.preview(.group(Fixtures.group().id), preview))
        return state
      }
    ),
  ]

  private static func statementState(_ account: LedgerAccount) -> AppState {
    var state = groupState()
    state.perform(StatementScreen(Fixtures.data, of: account))
    state.get(
      .statement(
        .loadStatement(group: Fixtures.group().id, account: account, currency: nil, cursor: nil),
        Fixtures.statement(of: account)))
    return state
  }

  private static func receiptState() -> AppState {
    var state = groupState()
    state.type("aDinner")
    state.press(.tab, .tab, .tab, .tab, .left, .control("n"))
    state.type("Pizza for everybody who is still awake")
    state.press(.enter)
    state.type("24")
    state.press(.control("n"))
    state.type("Wine")
    state.press(.enter)
    state.type("16")
    state.press(.tab, .control("x"), .character(" "), .tab, .character(" "), .escape, .tab, .tab)
    state.type("4")
    return state
  }

  private static func groupState() -> AppState {
    var state = Fixtures.state(GroupsScreen())
    state.get(.groups([Fixtures.group()]))
    state.press(.enter)
    state.get(.group(Fixtures.data))
    state.finish(.loadGroup(Fixtures.group().id))
    state.finish(.loadGroups(.inUse))
    return state
  }

  @Test(arguments: screens.map(\.name)) func looksAsRecorded(name: String) throws {
    var state = try #require(Self.screens.first { $0.name == name }).state()
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(
      path: "Goldens")
    for (width, height) in Self.sizes {
      _ = state.update(.resized(width: width, height: height), at: Fixtures.start)
      let canvas = state.view()
      let file = folder.appending(path: "\(name).\(width)x\(height).txt")
      if ProcessInfo.processInfo.environment["RECORD_GOLDENS"] == "1" {
        try (canvas.text + "\n").write(to: file, atomically: true, encoding: .utf8)
      }
      let recorded = try String(contentsOf: file, encoding: .utf8)
      #expect(canvas.text + "\n" == recorded, "\(name) at \(width)×\(height)")
      // The cursor is where the person is: a screen reader reads there.
      #expect(canvas.cursor != nil, "\(name) at \(width)×\(height) has no cursor")
    }
  }
}
