import Curl
import FoundationEssentials
import KittyShared

/// Asks the server for ssh gateways.
struct SSHGatewayClient: Sendable {
  /// The address of that server, such as `http://127.0.0.1:8081`.
  let url: String
  let secret: String
  private let http = HTTPClient(responseLimit: 1 << 20)

  init(url: String, secret: String) {
    self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
    self.secret = secret
  }

  /// Sends a request.
  /// - Throws: `Problem` of the server, also 503 when it does not answer.
  func send<Output: Decodable>(
    _ path: GatewayPath, _ input: some Encodable, _ type: Output.Type = Output.self
  ) async throws(Problem) -> Output {
    var request = HTTPRequest(method: "POST", url: url + path.rawValue)
    request.headers = [
      ("Content-Type", "application/json"), ("Authorization", "Bearer \(secret)"),
    ]
    // A password takes its time when many sign in.
    request.totalSeconds = 20
    request.usesProxy = false
    let body: Data
    let status: Int
    do {
      request.body = .bytes(try JSON.bytes(of: input))
      let response = try await http.send(request)
      (status, body) = (response.status, Data(response.body))
    } catch {
      // The user of ssh sees the sentence, so it has no address of this installation.
      throw Problem(.unavailable("The server of KittyCash does not answer (\(error)). Try again later."))
    }
    do {
      if status == 200 { return try JSON.decode(Output.self, from: body) }
      throw try JSON.decode(Problem.self, from: body)
    } catch let problem as Problem {
      throw problem
    } catch {
      throw Problem(
        .unavailable(
          "The server of KittyCash gave no answer for an ssh gateway (status \(status)): its operator must look at SSH_GATEWAY_URL."
        ))
    }
  }

  /// Ends all requests.
  func close() { http.close() }
}
