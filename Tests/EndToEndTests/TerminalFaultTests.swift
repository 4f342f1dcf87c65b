import Foundation
import Testing

/// The client in a terminal, with a network between it and the server that fails in every way.
@Suite(.enabled(if: DeploymentTools.missing == nil, DeploymentTools.comment), .serialized)
struct TerminalFaultTests {
  private static let faults: [FaultyProxy.Fault] = [
    .cutBefore, .cutAfter, .half, .broken, .late, .statusAfter(500), .statusAfter(502), .statusAfter(504),
    .status(401, code: "sign_in_needed"), .status(409, code: "changed_meanwhile"),
    .status(412, code: "stale"),
    .status(422, code: "invalid"), .status(429, code: "too_many_requests"), .status(500, code: "internal"),
    .status(503, code: "overloaded"),
  ]

  /// Each expense is saved again until it is there. Its text is never lost meanwhile, and it is there once.
  @Test func expenseIsEnteredOnceWhateverTheNetworkDoes() async throws {
    try await Deployment.run { deployment in
      let proxy = try FaultyProxy(to: deployment.serverPort)
      proxy.start()
      defer { proxy.close() }
      let program = #""$CLIENT" --server "http://127.0.0.1:\#(proxy.port)""#
      try await TerminalSession.run(80, 24, on: deployment, program: program) { terminal in
        try await terminal.signUp("anna")
        try await terminal.makeGroup("Flat 12", "Bob", "Carl")
        for (index, fault) in Self.faults.enumerated() {
          // Signing in again renews the session, so that is refused once.
          proxy.fail(fault, times: fault.isRefusal ? 1 : 2)
          try await terminal.enter("Dinner\(index)x", "\(index + 100).00", despite: fault)
        }
      }
      let entries = try await deployment.curl(
        Session.signIn
          + #"curl -sSf -H "$auth" "$KITTY/v1/groups/$(first_group)/entries?limit=100" | jq -r '.items[] | "\(.description) \(.amount)"'"#,
        ["NAME": "anna"])
      let expected = Self.faults.indices.map { "Dinner\($0)x \(($0 + 100) * 100)" }
      #expect(entries.split(separator: "\n").map(String.init).sorted() == expected.sorted())
    }
  }
}

extension FaultyProxy.Fault {
  fileprivate var isRefusal: Bool { if case .status(401, _) = self { true } else { false } }
}

extension TerminalSession {
  /// Enters an expense, and saves it until the group shows it.
  fileprivate func enter(_ description: String, _ amount: String, despite fault: FaultyProxy.Fault)
    async throws
  {
    try await press("a")
    try await see("New expense")
    try await type(description)
    try await press("Tab")
    try await type(amount)
    try await see(description, amount)
    try await press("C-s")
    try await wait(for: "\(description) despite \(fault)", state: screen) { () -> Void? in
      let screen = try await screen()
      if screen.contains("Your session has ended") {
        try await type("a long password")
        try await press("Enter")
        try await wait(for: "the sign-in") {
          try await self.screen().contains("Your session has ended") ? nil : ()
        }
        return nil
      }
      if screen.contains("Balances"), screen.contains(description) { return () }
      guard screen.contains("New expense") else { return nil }
      #expect(screen.contains(description) && screen.contains(amount), "\(fault) lost the text:\n\(screen)")
      if !screen.contains("Working") { try await press("C-s") }
      return nil
    }
    try await see("Balances", description)
  }
}
