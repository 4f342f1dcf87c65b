import Curl
import FoundationEssentials

/// The bucket, and the prefix in it, that photos are in: `s3://bucket/prefix?region=eu-central-1&endpoint=https://…`.
struct S3Location: Sendable, Equatable {
  let bucket: String
  /// Empty, or a path that ends in a slash.
  let prefix: String
  let region: String
  /// URL of the bucket's objects; it ends in a slash.
  let base: String

  /// Thrown for a URL that cannot be used. The URL is not repeated: it may hold a key by mistake, and errors are
  /// logged.
  struct Invalid: Error, CustomStringConvertible {
    /// The rule that the URL breaks, with an example.
    let description: String
    /// `true` if the URL is complete but for the region.
    var lacksRegion = false
  }

  /// Reads a URL as `init` does, and asks the metadata of the instance for a region that nothing else names.
  /// - Throws: `Invalid`.
  static func resolve(url: String, environment: [String: String]) async throws(Invalid) -> S3Location {
    let invalid: Invalid
    do throws(Invalid) { return try S3Location(url: url, environment: environment) } catch { invalid = error }
    guard invalid.lacksRegion else { throw invalid }
    let region: String
    do {
      region = try await InstanceMetadata(AWSVariables(environment), HTTPClient(responseLimit: 1 << 16))
        .region()
    } catch {
      throw Invalid(description: "\(invalid.description) \(error)")
    }
    return try S3Location(url: url, environment: environment.merging(["AWS_REGION": region]) { $1 })
  }

  /// - Parameter environment: The variables of Amazon's tools, for parts that the URL leaves out: the region of
  ///   `AWSProfile`, `AWS_ENDPOINT_URL_S3` and `AWS_ENDPOINT_URL`.
  /// - Throws: `Invalid`.
  init(url: String, environment: [String: String] = [:]) throws(Invalid) {
    let shape = "write s3://BUCKET/PREFIX?region=REGION, and endpoint=URL for a store that is not Amazon's."
    guard url.hasPrefix("s3://") else { throw Invalid(description: shape) }
    let halves = url.dropFirst(5).split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let path = halves[0].split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    bucket = String(path[0])
    guard (3...63).contains(bucket.utf8.count),
      bucket.utf8.allSatisfy({ Self.isLowercase($0) || "-.".utf8.contains($0) })
    else {
      throw Invalid(description: "a bucket name has 3 to 63 lower-case letters, digits, dots and dashes.")
    }
    prefix = try Self.prefix(path.count > 1 ? path[1] : "")
    var parameters: [String: String] = [:]
    for parameter in halves.count > 1 ? halves[1].split(separator: "&") : [] {
      let parts = parameter.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, ["region", "endpoint"].contains(parts[0]),
        let value = parts[1].removingPercentEncoding,
        parameters.updateValue(value, forKey: parts[0]) == nil
      else { throw Invalid(description: "it has an unknown parameter: \(shape)") }
    }
    let profile = AWSProfile(AWSVariables(environment))
    let named = parameters["region"] ?? profile.region
    guard let region = named, !region.isEmpty,
      region.utf8.allSatisfy({ Self.isLowercase($0) || $0 == UInt8(ascii: "-") })
    else {
      throw Invalid(
        description:
          "name the region of the bucket, as ?region=eu-central-1, in AWS_REGION, or in ~/.aws/config."
          + (profile.configProblem.map { " " + $0 } ?? ""),
        lacksRegion: named == nil && profile.configProblem == nil)
    }
    self.region = region
    let variable = ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"].lazy.compactMap { environment[$0] }
      .first { !$0.isEmpty }
    if let endpoint = parameters["endpoint"] ?? variable {
      base = "\(try Self.server(endpoint))/\(bucket)/"
    } else if bucket.contains(".") {
      // Amazon's wildcard certificate does not cover a bucket name with a dot as a host.
      base = "https://s3.\(region).amazonaws.com/\(bucket)/"
    } else {
      base = "https://\(bucket).s3.\(region).amazonaws.com/"
    }
  }

  private static func prefix(_ path: Substring) throws(Invalid) -> String {
    let names = path.split(separator: "/")
    let isValid = names.allSatisfy { name in
      name != "." && name != ".."
        && name.utf8.allSatisfy {
          isLowercase($0) || (0x41...0x5a).contains($0) || "-._".utf8.contains($0)
        }
    }
    guard isValid else {
      throw Invalid(
        description: "a prefix has letters, digits, dots, dashes and underscores between slashes.")
    }
    return names.map { $0 + "/" }.joined()
  }

  /// Returns the address of a server without a slash at its end.
  static func server(_ endpoint: String) throws(Invalid) -> String {
    let address = endpoint.hasSuffix("/") ? String(endpoint.dropLast()) : endpoint
    guard let host = address.split(separator: "://", maxSplits: 1).last,
      ["http://", "https://"].contains(where: { address == $0 + host }),
      !host.isEmpty,
      host.utf8.allSatisfy({ (0x21...0x7e).contains($0) && !"/?#@\"'<>\\".utf8.contains($0) })
    else {
      throw Invalid(description: "an endpoint is the address of a server, such as https://s3.example.org.")
    }
    return address
  }

  private static func isLowercase(_ byte: UInt8) -> Bool {
    (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte)
  }
}
