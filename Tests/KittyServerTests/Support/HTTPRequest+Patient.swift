import Curl

extension HTTPRequest {
  /// A request that waits for minutes: a machine that is busy with other tests answers late.
  static func patient(_ method: String, _ url: String) -> HTTPRequest {
    var request = HTTPRequest(method: method, url: url)
    (request.totalSeconds, request.stallSeconds) = (300, 300)
    return request
  }
}
