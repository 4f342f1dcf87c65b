import FoundationEssentials

/// Which part of which bucket photos are kept in: `s3://bucket/prefix?region=eu-central-1&endpoint=https://…`.
struct S3Location: Sendable, Equatable {
  let bucket: String
  /// Empty, or it ends in a slash.
  let prefix: String
  let region: String
  /// Where the bucket's objects are: a URL that ends in a slash.
  let base: String

  /// - Parameter environment: Where Amazon's tools look for what the URL does not say: the region of `AWSCredentials`,
  ///   `AWS_ENDPOINT_URL_S3` and `AWS_ENDPOINT_URL`.
  /// - Throws: `Settings.Invalid` that says what is wrong with the URL.
  init(url: String, environment: [String: String] = [:]) throws {
    func variable(_ names: String...) -> String? {
      names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
    }
    func invalid(_ why: String) -> Settings.Invalid {
      // Whoever writes a key into the URL shall not find it in a log.
      Settings.Invalid(name: "PHOTOS_URL", value: "…", why: why)
    }
    let shape = "write s3://BUCKET/PREFIX?region=REGION, and endpoint=URL for a store that is not Amazon's."
    guard url.hasPrefix("s3://") else { throw invalid(shape) }
    let halves = url.dropFirst(5).split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let place = halves[0].split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    bucket = String(place[0])
    guard (3...63).contains(bucket.utf8.count),
      bucket.utf8.allSatisfy({ Self.isLowercase($0) || "-.".utf8.contains($0) })
    else { throw invalid("a bucket's name has 3 to 63 lower-case letters, digits, dots and dashes.") }
    let path = place.count > 1 ? place[1].split(separator: "/").map(String.init) : []
    guard
      path.allSatisfy({ part in
        part != "." && part != ".."
          && part.utf8.allSatisfy {
            Self.isLowercase($0) || (0x41...0x5a).contains($0) || "-._".utf8.contains($0)
          }
      })
    else { throw invalid("a prefix has letters, digits, dots, dashes and underscores between slashes.") }
    prefix = path.map { $0 + "/" }.joined()
    var parameters: [String: String] = [:]
    for parameter in halves.count > 1 ? halves[1].split(separator: "&") : [] {
      let parts = parameter.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, ["region", "endpoint"].contains(parts[0]),
        let value = parts[1].removingPercentEncoding,
        parameters.updateValue(value, forKey: parts[0]) == nil
      else { throw invalid("a parameter is not known here: \(shape)") }
    }
    guard let region = parameters["region"] ?? AWSCredentials(environment: environment).region,
      !region.isEmpty,
      region.utf8.allSatisfy({ Self.isLowercase($0) || $0 == UInt8(ascii: "-") })
    else {
      throw invalid(
        "name the region of the bucket, as ?region=eu-central-1, in AWS_REGION, or in ~/.aws/config.")
    }
    self.region = region
    if let endpoint = parameters["endpoint"] ?? variable("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL") {
      let address = endpoint.hasSuffix("/") ? String(endpoint.dropLast()) : endpoint
      guard let host = address.split(separator: "://", maxSplits: 1).last,
        ["http://", "https://"].contains(where: { address == $0 + host }),
        !host.isEmpty,
        host.utf8.allSatisfy({ (0x21...0x7e).contains($0) && !"/?#@\"'<>\\".utf8.contains($0) })
      else { throw invalid("an endpoint is the address of a server, such as https://s3.example.org.") }
      base = "\(address)/\(bucket)/"
    } else if bucket.contains(".") {
      // A certificate for all buckets does not fit one with a dot.
      base = "https://s3.\(region).amazonaws.com/\(bucket)/"
    } else {
      base = "https://\(bucket).s3.\(region).amazonaws.com/"
    }
  }

  private static func isLowercase(_ byte: UInt8) -> Bool {
    (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte)
  }
}
