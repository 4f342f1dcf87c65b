import Curl
import FoundationEssentials
import KittyShared

/// The public address, as a client sees it: the proxy passes on what it must, and believes no client about its address.
struct ProxyCheck: Check {
  let part = "proxy"
  /// Without a slash at its end.
  let url: String

  /// Larger than the limit of one MiB that many proxies have.
  private static let bodyBytes = 2 << 20

  func findings() async throws -> [Finding] {
    let address = url.hasSuffix("/") ? String(url.dropLast()) : url
    let client = HTTPClient()
    let health: HTTPResponse
    do { health = try await client.send(request("GET", address + "/health/live")) } catch {
      return [
        .fault(
          "\(address) does not answer: \(error). Check its name in the DNS, the proxy, and the firewall.")
      ]
    }
    guard health.status == 200, (try? JSON.decode(Health.self, from: Data(health.body))) != nil else {
      return [
        .fault(
          "\(address) answers \(health.status), and not as KittyCash. Check the proxy's address of the server."
        )
      ]
    }
    var found: [Finding] = [.ok("\(address) reaches KittyCash.")]
    found += try await headers(address, client)
    found.append(try await spoofing(address, client))
    found.append(await largeBody(address, client))
    return found
  }

  private func request(
    _ method: String, _ url: String, _ headers: [(name: String, value: String)] = []
  ) -> HTTPRequest {
    var request = HTTPRequest(method: method, url: url)
    request.headers = headers
    request.totalSeconds = 5
    request.usesProxy = false
    return request
  }

  private func headers(_ address: String, _ client: HTTPClient) async throws -> [Finding] {
    var found: [Finding] = []
    let id = "doctor-\(UInt32.random(in: 0 ... .max))"
    let answer = try await client.send(request("GET", address + "/v1/me", [("X-Request-Id", id)]))
    if answer.headers["x-request-id"] == nil {
      found.append(
        .warning(
          "The proxy removes X-Request-Id: errors cannot be found in the log. Let it pass this header."))
    }
    guard address.hasPrefix("https://") else { return found }
    if answer.headers["strict-transport-security"] == nil {
      found.append(
        .warning(
          "The proxy sends no Strict-Transport-Security: a client's first request may go without TLS. Add: add_header Strict-Transport-Security \"max-age=31536000\" always;"
        ))
    }
    let plain = try? await client.send(request("GET", "http://" + address.dropFirst(8) + "/v1/me"))
    if let plain, plain.status == 401 {
      found.append(
        .warning(
          "The same address answers without TLS, too. Redirect port 80 to https, as docs/operations.md shows."
        ))
    }
    return found
  }

  /// Sends addresses that a proxy must not believe. Each of them would have a limit of its own.
  private func spoofing(_ address: String, _ client: HTTPClient) async throws -> Finding {
    // So that every copy behind the proxy has counted this client before.
    for _ in 0..<12 { _ = try await client.send(request("GET", address + "/v1/me")) }
    let attempts = 9
    var fresh = 0
    for _ in 1...attempts {
      let answer = try await client.send(
        request("GET", address + "/v1/me", [("X-Forwarded-For", Self.inventedAddress)]))
      guard let used = Self.used(answer.headers) else {
        return .warning(
          "The answers have no RateLimit headers: RATE_LIMIT_ADDRESS is off, or the proxy removes them. Whether a client can claim another address was not checked."
        )
      }
      if used <= 1 { fresh += 1 }
    }
    // A new copy, or a minute that begins, makes one count fresh; an invented address of an earlier check makes one used.
    return 2 * fresh > attempts
      ? .fault(
        "A client can claim any address in X-Forwarded-For, and so has no limits. Let the proxy replace the header: proxy_set_header X-Forwarded-For $remote_addr; and check TRUSTED_PROXIES and REAL_IP_FROM."
      ) : .ok("X-Forwarded-For of a client is not believed.")
  }

  /// An address of the network for measurements (RFC 2544): one of 131,072 that no client has.
  private static var inventedAddress: String {
    "198.\(Int.random(in: 18...19)).\(Int.random(in: 0...255)).\(Int.random(in: 0...255))"
  }

  /// Returns the number of requests that the limit of the address has counted.
  private static func used(_ headers: [String: String]) -> Int? {
    func number(_ header: String, _ name: String) -> Int? {
      headers[header]?.split(separator: ";").first { $0.hasPrefix(name + "=") }
        .flatMap { Int($0.dropFirst(name.count + 1)) }
    }
    guard let limit = number("ratelimit-policy", "q"), let left = number("ratelimit", "r") else { return nil }
    return limit - left
  }

  /// Sends a body without signing in: the server refuses it, and a proxy with a smaller limit does so first.
  private func largeBody(_ address: String, _ client: HTTPClient) async -> Finding {
    var photo = request("PUT", address + "/v1/me/photo", [("Content-Type", "image/png")])
    photo.body = .bytes([UInt8](repeating: 0, count: Self.bodyBytes))
    do {
      let answer = try await client.send(photo)
      guard answer.status == 413 else {
        return .ok("The proxy accepts a body of \(Self.bodyBytes >> 20) MiB.")
      }
      return .fault(
        "The proxy refuses a body of \(Self.bodyBytes >> 20) MiB, and a photo can be larger. Set client_max_body_size 300m; or the like."
      )
    } catch {
      return .warning(
        "A body of \(Self.bodyBytes >> 20) MiB did not get through: \(error). Look at the proxy's log.")
    }
  }
}
