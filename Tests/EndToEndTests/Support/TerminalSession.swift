import Foundation
import Testing

/// A terminal of tmux with the client in it, driven by keys and read as text.
struct TerminalSession: Sendable {
  private let socket = "kitty-" + UUID().uuidString
  private let deployment: Deployment

  /// Opens a terminal of the given size that runs `program`, by default the client. After its end a shell runs and
  /// prints the exit code.
  static func run(
    _ columns: Int, _ rows: Int, on deployment: Deployment, program: String = #""$CLIENT" --server "$KITTY""#,
    _ body: (TerminalSession) async throws -> Void
  ) async throws {
    let tmux = TerminalSession(deployment: deployment)
    _ = try await tmux.command(
      #"-f /dev/null new-session -d -x "$X" -y "$Y" -s kitty "$SCRIPT""#,
      [
        "X": String(columns), "Y": String(rows),
        "SCRIPT":
          #"stty -a >"$DIR/stty.before"; \#(program); printf '\r\nended %s\r\n' $?; exec sh"#,
      ])
    do {
      _ = try await tmux.command("set-option -g window-size manual")
      try await body(tmux)
    } catch {
      _ = try? await tmux.command("kill-server")
      throw error
    }
    _ = try await tmux.command("kill-server")
  }

  private func command(_ arguments: String, _ values: [String: String] = [:]) async throws -> String {
    var all = values
    all["SOCKET"] = socket
    all["DIR"] = deployment.folder
    all["KITTY"] = deployment.url
    all["CLIENT"] = Deployment.client
    all["TERM"] = "xterm-256color"
    for kind in ["STATE", "CACHE", "CONFIG"] {
      all["XDG_\(kind)_HOME"] = deployment.folder + "/" + kind.lowercased()
    }
    let outcome = try await shell("tmux -L \"$SOCKET\" \(arguments)", all)
    try #require(outcome.succeeded, "tmux \(arguments): \(outcome.errors)")
    return outcome.output
  }

  /// The text on the screen.
  func screen() async throws -> String { try await command("capture-pane -p -t kitty") }

  /// Presses keys by tmux's names: `Enter`, `Tab`, `C-s`.
  func press(_ keys: String...) async throws {
    for key in keys { _ = try await command(#"send-keys -t kitty "$KEY""#, ["KEY": key]) }
  }

  /// Types text as it is.
  func type(_ text: String) async throws {
    _ = try await command(#"send-keys -t kitty -l -- "$TEXT""#, ["TEXT": text])
  }

  func resize(_ columns: Int, _ rows: Int) async throws {
    _ = try await command(
      #"resize-window -t kitty -x "$X" -y "$Y""#, ["X": String(columns), "Y": String(rows)])
  }

  /// Waits until all texts are on the screen at the same time.
  @discardableResult func see(_ texts: String..., seconds: Int = 60) async throws -> String {
    try await wait(for: texts.description, seconds: seconds, state: screen) {
      let screen = try await screen()
      return texts.allSatisfy(screen.contains) ? screen : nil
    }
  }

  /// Sends a signal to the process of the client.
  func signal(_ name: String) async throws {
    _ = try await EndToEndTests.shell(
      #"kill -s "$NAME" $(pgrep -P "$PARENT")"#, ["NAME": name, "PARENT": try await parent()])
  }

  /// Waits until the client has written a draft.
  func waitForDraft() async throws {
    _ = try await wait(for: "a draft") {
      let found = try await EndToEndTests.shell(
        #"find "$DIR/state/kittycash/drafts" -type f -size +100c | grep -q ."#, ["DIR": deployment.folder])
      return found.succeeded ? true : nil
    }
  }

  /// The size in bytes to which the system limits a core file of the client.
  func coreLimit() async throws -> String {
    let outcome = try await EndToEndTests.shell(
      #"sed -n 's/^Max core file size *//p' /proc/$(pgrep -P "$PARENT")/limits"#,
      ["PARENT": try await parent()])
    return String(outcome.output.prefix { $0 != " " })
  }

  /// The time that the main thread of the client has spent on a processor.
  func processorTime() async throws -> Duration {
    let outcome = try await EndToEndTests.shell(
      #"cut -d ' ' -f 1 /proc/$(pgrep -P "$PARENT")/schedstat"#,
      ["PARENT": try await parent()])
    return .nanoseconds(try #require(Int64(outcome.output.trimmingCharacters(in: .whitespacesAndNewlines))))
  }

  /// The process of the shell that runs the client.
  private func parent() async throws -> String {
    try await command(##"display-message -p -t kitty "#{pane_pid}""##).trimmingCharacters(
      in: .whitespacesAndNewlines)
  }
}
