import KittyShared

@testable import KittyTUI

/// Golden cases of invites, their form, and the form to join.
enum InviteGoldens {
  static let all: [GoldenScreen] = [
    .init("join") {
      var state = Fixtures.state(GroupsScreen())
      state.get(.groups([]))
      state.type("iabc")
      state.press(.enter)
      let code = InviteCode(code: "abc")
      let problem = Rejection.notFound("invite with this code")
      state.get(.failed(.lookUpInvite(code), .rejected(problem)))
      return state
    },
    .init("join-look") {
      var state = Fixtures.state(GroupsScreen())
      state.get(.groups([]))
      state.type("i\(Fixtures.invites[0].code)")
      state.press(.enter)
      state.get(.invitation(InviteCode(code: Fixtures.invites[0].code), Fixtures.invitation))
      return state
    },
    .init("invites") {
      var state = Fixtures.openGroup()
      state.type("v")
      state.get(.invites(group: Fixtures.group().id, Fixtures.invites))
      return state
    },
    .init("invite") {
      var state = Fixtures.openGroup()
      state.type("v")
      state.get(.invites(group: Fixtures.group().id, []))
      state.type("n")
      state.press(.right, .tab, .tab, .control("u"))
      state.type("400")
      state.press(.enter)
      return state
    },
  ]
}
