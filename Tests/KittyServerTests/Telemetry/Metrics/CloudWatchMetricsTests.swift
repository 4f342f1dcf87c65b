import FoundationEssentials
import KittyShared
import Testing

@testable import KittyServer

/// Metrics as log lines for CloudWatch.
@Suite struct CloudWatchMetricsTests {
  @Test func lineHasTheCountsSinceTheLastLine() async throws {
    try await TestServer.run(on: .sqlite) { (server) async throws in
      let collector = server.dependencies.collector(of: "kittycash-server")
      for _ in 0..<5 { _ = try await server.send("GET", "/health/live") }
      let last = await collector.snapshot()
      for _ in 0..<3 { _ = try await server.send("GET", "/health/live") }
      for _ in 0..<2 { _ = try await server.send("GET", "/v1/me") }
      let data = try CloudWatchLine(await collector.snapshot(), since: last, namespace: "KittyCash/x").data
      #expect(data.filter { $0 == UInt8(ascii: "\n") }.count == 1 && data.last == UInt8(ascii: "\n"))

      struct Line: Decodable {
        struct Metadata: Decodable {
          let Timestamp: Int64
          let CloudWatchMetrics: [Directive]
        }
        struct Directive: Decodable {
          let Namespace: String
          let Dimensions: [[String]]
          let Metrics: [Definition]
        }
        struct Definition: Decodable {
          let Name: String
          let Unit: String
        }
        let _aws: Metadata
        let Program: String
        let program: String
        let message: String
        let level: String
        let time: String
      }
      let line = try JSONDecoder().decode(Line.self, from: data)
      #expect(line.Program == "kittycash-server" && line.program == line.Program)
      #expect(line.message == "metrics" && line.level == "info" && line.time.hasSuffix("Z"))
      #expect(abs(Instant.now.milliseconds - line._aws.Timestamp) < 60_000)
      let directive = try #require(line._aws.CloudWatchMetrics.first)
      #expect(line._aws.CloudWatchMetrics.count == 1)
      #expect(directive.Namespace == "KittyCash/x" && directive.Dimensions == [["Program"]])
      let names = directive.Metrics.map(\.Name)
      #expect(Set(names).count == names.count && names.count <= 100)
      #expect(Set(directive.Metrics.map(\.Unit)).isSubset(of: ["Count", "Milliseconds", "Seconds", "Bytes"]))
      // Each metric is a member of the object, and a number.
      struct Numbers: Decodable {
        var values: [String: Double] = [:]
        private struct Key: CodingKey {
          let stringValue: String
          let intValue: Int? = nil
          init?(stringValue: String) { self.stringValue = stringValue }
          init?(intValue: Int) { nil }
        }
        init(from decoder: any Decoder) throws {
          let members = try decoder.container(keyedBy: Key.self)
          for key in members.allKeys {
            values[key.stringValue] = try? members.decode(Double.self, forKey: key)
          }
        }
      }
      let numbers = try JSONDecoder().decode(Numbers.self, from: data).values
      #expect(Set(numbers.keys) == Set(names))
      #expect(numbers["Requests"] == 5 && numbers["ClientErrors"] == 2 && numbers["ServerErrors"] == 0)
      #expect(numbers["JobsDue"] == 0 && numbers["DatabaseUp"] == 1)
      let quantiles = ["LatencyP50", "LatencyP95", "LatencyP99"].compactMap { numbers[$0] }
      #expect(quantiles.count == 3 && quantiles == quantiles.sorted() && quantiles[0] > 0)
      #expect(numbers["ResidentMemory"] ?? 0 > 1e6 && numbers["CPU"] ?? -1 >= 0)
    }
  }
}
