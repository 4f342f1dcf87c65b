import Foundation
import Testing

/// The client in a terminal that sends unusual input, and without its server.
@Suite(.enabled(if: DeploymentTools.missing == nil, DeploymentTools.comment), .serialized)
struct TerminalInputTests {
  /// The shortest limit is a minute, of which half is counted down.
  @Test func idleSessionEndsOnATerminal() async throws {
    try await Deployment.run { deployment in
      let program = #""$CLIENT" --server "$KITTY" --idle-minutes 1; echo "ended with $?"; sleep 60"#
      try await TerminalSession.run(80, 24, on: deployment, program: program) { terminal in
        try await terminal.see("KittyCash ends in")
        try await terminal.press("Tab")
        try await terminal.see("Sign in")
        try await wait(for: "the end", seconds: 90) {
          try await terminal.screen().contains("ended with 124") ? () : nil
        }
        try await terminal.see("KittyCash ended after 1 min without a key.")
      }
    }
  }

  @Test func unknownInputIsIgnored() async throws {
    try await Deployment.run { deployment in
      try await TerminalSession.run(80, 24, on: deployment) { terminal in
        try await terminal.signUp("anna")
        try await terminal.makeGroup("Flat 12")
        try await terminal.press("a")
        try await terminal.see("New expense")
        try await terminal.type("Dinner")
        for _ in 0..<6 {
          try await terminal.press("C-Up", "S-Up", "F5", "F2", "IC", "M-z")
          try await terminal.type("\u{1b}[<64;10;10M\u{1b}[I\u{1b}[O")
        }
        // A paste in pieces: a pause is no end of it, and no line end is a key.
        try await terminal.type("\u{1b}[200~ for two\r")
        try await terminal.see("Receiving a paste")
        try await Task.sleep(for: .milliseconds(700))
        try await terminal.type("e\rq\u{1b}[201~!")
        try await terminal.see("New expense", "Dinner for two e q!")
        try await terminal.resize(100, 30)
        try await terminal.press("Escape")
        try await terminal.see("Leave without saving your changes?")
      }
    }
  }

  @Test func suspendedClientComesBack() async throws {
    try await Deployment.run { deployment in
      let program = "PS1='ready> ' bash --norc --noprofile -i"
      try await TerminalSession.run(80, 24, on: deployment, program: program) { terminal in
        try await terminal.see("ready>")
        try await terminal.type(#""$CLIENT" --server "$KITTY""#)
        try await terminal.press("Enter")
        try await terminal.see("KittyCash", "Sign in")
        try await terminal.type("anna")
        try await terminal.press("C-z")
        try await terminal.see("Stopped")
        // The size may be another one when it comes back.
        try await terminal.resize(100, 30)
        try await terminal.type("fg")
        try await terminal.press("Enter")
        let screen = try await terminal.see("KittyCash", "anna", "Sign in")
        #expect(!screen.contains("Stopped") && !screen.contains("ready>"), "\(screen)")
      }
    }
  }

  @Test func offlineFormIsIdleAndReconnects() async throws {
    try await Deployment.run { deployment in
      try await TerminalSession.run(80, 24, on: deployment) { terminal in
        try await terminal.signUp("anna")
        try await terminal.makeGroup("Flat 12")
        try await deployment.stopServer()
        try await terminal.press("r")
        try await terminal.see("Offline")
        try await terminal.press("a")
        try await terminal.see("New expense")
        try await terminal.type("Dinner")
        // The tries are up to 30 seconds apart, at random moments: one of these times has none.
        var least = Duration.seconds(60)
        for _ in 1...6 where least >= .milliseconds(1) {
          let before = try await terminal.processorTime()
          try await Task.sleep(for: .seconds(3))
          least = min(least, try await terminal.processorTime() - before)
        }
        #expect(least < .milliseconds(1), "an idle client used \(least) in 3 seconds")
        try await deployment.startServer()
        try await terminal.see("Online again", "New expense", "Dinner")
      }
    }
  }
}
