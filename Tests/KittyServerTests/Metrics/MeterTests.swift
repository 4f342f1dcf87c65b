import FoundationEssentials
import KittyShared
import Testing

@testable import KittyServer

/// The parts that metrics are made of.
@Suite struct MeterTests {
  @Test func nothingIsLostWhenManyCountAtOnce() async {
    let meter = RouteMeter("GET", "/v1/x")
    await withTaskGroup { group in
      for worker in 0..<8 {
        group.addTask {
          for number in 0..<5000 {
            meter.add(status: worker % 2 == 0 ? 200 : 503, .microseconds(number))
          }
        }
      }
    }
    let reading = meter.reading
    #expect(reading.statuses == [200: 20_000, 503: 20_000])
    #expect(reading.latencies.count == 40_000)
    #expect(reading.latencies.nanoseconds == 8 * (0..<5000).reduce(0, +) * 1000)
  }

  @Test func aTimeIsInTheFirstBucketThatHoldsIt() {
    let latencies = LatencyHistogram()
    for duration in [
      Duration.zero, .milliseconds(1), .microseconds(1001), .seconds(10), .seconds(11), .seconds(1_000_000),
    ] {
      latencies.add(duration)
    }
    #expect(latencies.reading.counts == [2, 1] + Array(repeating: 0, count: 10) + [1, 2])
  }

  @Test func quantilesLieBetweenTheBoundsOfTheirBucket() throws {
    #expect(LatencyHistogram.Reading.none.quantile(0.5) == nil)
    let latencies = LatencyHistogram()
    for _ in 0..<90 { latencies.add(.milliseconds(3)) }
    let before = latencies.reading
    for _ in 0..<10 { latencies.add(.milliseconds(200)) }
    let reading = latencies.reading
    let median = try #require(reading.quantile(0.5))
    #expect(median > 0.0025 && median < 0.005)
    #expect(reading.quantile(0.9) == 0.005)
    let slow = try #require(reading.quantile(0.99))
    #expect(slow > 0.1 && slow < 0.25)
    let later = try #require((reading - before).quantile(0.01))
    #expect(later > 0.1)
    latencies.add(.seconds(60))
    #expect((latencies.reading - reading).quantile(0.5) == 10)
  }

  @Test func whatPrometheusReadsIsEscaped() {
    let family = MetricFamily(
      "x", .gauge, "One\nand \\ two.",
      [
        MetricFamily.Sample(labels: [("a", "\"\\\n"), ("b", "ü")], value: 1.5), MetricFamily.Sample(value: 3),
        MetricFamily.Sample(suffix: "_sum", value: 1e300),
      ])
    #expect(
      PrometheusText.text([family, MetricFamily("none", .counter, "Left out.", [])])
        == "# HELP x One\\nand \\\\ two.\n# TYPE x gauge\nx{a=\"\\\"\\\\\\n\",b=\"ü\"} 1.5\nx 3\nx_sum 1e+300\n"
    )
  }

  @Test func aProcessIsReadFromWhatLinuxSays() throws {
    let rest =
      "S 1 2 3 4 5 6 7 8 9 10 250 50 0 0 20 0 7 0 3000 1048576 100 18446744073709551615 1 2"
    let reading = try #require(
      ProcessStats(
        stat: "42 (a) name) " + rest, system: "cpu 1 2\nbtime 1700000000\n",
        limits: "Limit  Soft  Hard\nMax open files   1024   4096  files\n", openFiles: 9, ticks: 100,
        page: 4096))
    #expect(reading.cpuSeconds == 3 && reading.threads == 7 && reading.started == 1_700_000_030)
    #expect(reading.virtualBytes == 1_048_576 && reading.residentBytes == 409_600)
    #expect(reading.maxFiles == 1024 && reading.openFiles == 9)
    #expect(
      ProcessStats(stat: "42 (x) S 1", system: "", limits: "", openFiles: 0, ticks: 100, page: 1) == nil)
  }

  @Test func aLineForCloudWatchTellsWhatCameSinceTheLast() async throws {
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
      // Each is a member of the object, and a number.
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
