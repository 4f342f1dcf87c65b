import Curl
import FoundationEssentials
import KittyShared

/// The server of these settings: it runs, it is ready, and it has the version of this program.
struct ServerCheck: Check {
  let part = "server"
  let settings: Settings

  /// The address of the health check of a server with these settings.
  static func url(host: String, port: Int) -> String {
    base(host: host, port: port) + "/health/ready"
  }

  /// The address of a port of this machine, by which a server is reached that listens on a host.
  static func base(host: String, port: Int) -> String {
    let here = ["0.0.0.0": "127.0.0.1", "::": "::1"][host] ?? host
    return "http://\(here.contains(":") ? "[\(here)]" : here):\(port)"
  }

  func findings() async throws -> [Finding] {
    guard settings.port != 0 else { return [.ok("PORT is 0, so the address of the server is not known.")] }
    let url = Self.url(host: settings.host, port: settings.port)
    var request = HTTPRequest(method: "GET", url: url)
    request.totalSeconds = 5
    request.usesProxy = false
    let response: HTTPResponse
    do { response = try await HTTPClient().send(request) } catch {
      return [.fault("No server answers at \(url). Start it with: kittycash-server serve")]
    }
    let body = Data(response.body)
    guard response.status == 200, let health = try? JSON.decode(Health.self, from: body) else {
      let why = (try? JSON.decode(Problem.self, from: body))?.detail ?? "it answered \(response.status)"
      return [.fault("The server at \(url) is not ready: \(why). Look at its log.")]
    }
    let problems = (health.parts ?? [:]).filter { $0.value != "ok" }.map { "\($0.key): \($0.value)" }
    var found: [Finding] = problems.sorted().map { .warning("The server reports \($0).") }
    if let version = health.version, version != KittyCash.version {
      found.append(
        .warning(
          "The server has version \(version), and this program \(KittyCash.version). Restart the server."))
    }
    return found.isEmpty ? [.ok("The server at \(url) is ready.")] : found
  }
}
