import KittyShared

/// The description of a server for people: as text for `curl`, and as a page for a browser.
struct WelcomePage {
  let info: ServerInfo
  let signUp: SignUpPolicy.Mode

  /// A way to connect, with the line to type.
  private struct Way {
    let title: String
    let line: String
  }

  private static let summary = "Shared money for a group, from a terminal: who paid, and who owes whom."

  private var address: String { info.address ?? "https://ADDRESS" }

  private var ways: [Way] {
    let route = signUp == .closed ? Endpoints.signIn.route : Endpoints.signUp.route
    let invite = signUp == .invite ? #", "invite": "CODE""# : ""
    let body = #"{"name": "NAME", "password": "PASSWORD"\#(invite)}"#
    return [
      Way(title: "In a terminal, with the client", line: "kittycash --server \(address)"),
      Way(
        title: "With curl, to \(signUp == .closed ? "sign in" : "sign up")",
        line: "echo '\(body)' | curl \(address)\(route.path) --json @-"),
    ]
  }

  private var signingUp: String {
    switch signUp {
    case .open: "Everyone can sign up."
    case .invite: "Signing up needs an invite: ask a user of this server for a code."
    case .closed: "The administrator of this server makes the accounts."
    }
  }

  private var contract: String { address + info.contract }

  /// The lines for a terminal.
  var text: String {
    """
    \(info.name) \(info.version)
    \(Self.summary)

    \(ways.map { "\($0.title):\n  \($0.line)" }.joined(separator: "\n\n"))

    \(signingUp)
    Every route, field and error: \(contract)

    """
  }

  /// The page, without any script.
  var html: String {
    // Without the slash, it leads to this server below a path of another one too.
    let link = String(info.contract.drop { $0 == "/" })
    let ways = ways.map { "<h2>\(Self.escaped($0.title))</h2>\n<pre>\(Self.escaped($0.line))</pre>" }
    return """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(Self.escaped(info.name))</title>
      <style>
      body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 44rem; margin: 10vh auto; padding: 0 1rem; }
      h2 { font-size: 1rem; }
      pre { overflow-x: auto; padding: .6rem .8rem; border: 1px solid; border-radius: .3rem; }
      </style>
      </head>
      <body>
      <h1>\(Self.escaped(info.name))</h1>
      <p>\(Self.escaped(Self.summary))</p>
      \(ways.joined(separator: "\n"))
      <p>\(Self.escaped(signingUp))</p>
      <p>Every route, field and error: <a href="\(Self.escaped(link))">\(Self.escaped(info.contract))</a></p>
      <p><small>Version \(Self.escaped(info.version))</small></p>
      </body>
      </html>

      """
  }

  /// Returns a text for HTML: the address may come from the request.
  private static func escaped(_ text: String) -> String {
    [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\"", "&quot;"), ("'", "&#39;")].reduce(text) {
      $0.replacing($1.0, with: $1.1)
    }
  }
}
