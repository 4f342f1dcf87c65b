import Foundation
import Testing

/// The client in a terminal that sends unusual input, and without its server.
@Suite(.enabled(if: DeploymentTools.missing == nil, DeploymentTools.comment), .serialized)
struct TerminalInputTests {
  @Test func unknownInputIsIgnored() async throws {
    try await Deployment.run { deployment in
      try await TerminalSession.run(80, 24, on: deployment) { terminal in
        try await terminal.signUp("anna")
        try await terminal.makeGroup("Flat 12")
        try await terminal.press("a")
        try await terminal.see("New expense")
        try await terminal.type("Dinner")
        for _ in 0..<6 {
          try await terminal.press("C-Right", "S-Up", "F5", "F2", "IC", "M-b")
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
        // In the pause before the next try.
        try await terminal.see("Next try within 8 s")
        let before = try await terminal.processorTime()
        try await Task.sleep(for: .seconds(3))
        let spent = try await terminal.processorTime() - before
        #expect(spent < .milliseconds(1), "an idle client used \(spent) in 3 seconds")
        try await deployment.startServer()
        try await terminal.see("Online again", "New expense", "Dinner")
      }
    }
  }
}
