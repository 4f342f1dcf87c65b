import Logging
import ServiceLifecycle
import Testing

@testable import KittyServer

/// The content of `/metrics` by name and labels, such as `kittycash_jobs{state="due"}`.
struct MetricsReading {
  let numbers: [String: Double]
  let kinds: [String: String]

  /// Parses the format as strictly as Prometheus does.
  init(_ text: String) throws {
    var numbers: [String: Double] = [:]
    var kinds: [String: String] = [:]
    var family = ""
    try #require(text.hasSuffix("\n"))
    for line in text.split(separator: "\n") {
      if let found = line.wholeMatch(of: #/# HELP ([a-z_]+) [A-Z].*\./#) {
        family = String(found.1)
      } else if let found = line.wholeMatch(of: #/# TYPE ([a-z_]+) (counter|gauge|histogram)/#) {
        #expect(found.1 == family && kinds[family] == nil, "\(line)")
        kinds[family] = String(found.2)
      } else {
        let sample = try #require(
          line.wholeMatch(of: #/(([a-z_]+)(\{([a-z]+="[^"\\]*",?)+\})?) (-?[0-9.e+-]+)/#), "\(line)")
        let suffixes = kinds[family] == "histogram" ? ["_bucket", "_sum", "_count"] : [""]
        #expect(suffixes.contains { sample.2 == family + $0 }, "\(line) does not belong to \(family)")
        #expect(numbers[String(sample.1)] == nil, "\(line) appears twice")
        numbers[String(sample.1)] = Double(sample.5)
      }
    }
    self.numbers = numbers
    self.kinds = kinds
  }

  subscript(name: String) -> Double? { numbers[name] }
}

extension TestServer {
  /// Starts the metrics server on its own port and calls `body` with it.
  func withMetrics<Value>(
    of program: String = "kittycash-server", _ body: (TestServer) async throws -> Value
  ) async throws -> Value {
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let (ports, report) = AsyncStream.makeStream(of: Int.self)
    let page = MetricsServer(dependencies.collector(of: program)).application(
      host: "127.0.0.1", port: 0, logger: logger
    ) { report.yield($0) }
    let group = ServiceGroup(configuration: .init(services: [.init(service: page)], logger: logger))
    let running = Task { try await group.run() }
    var iterator = ports.makeAsyncIterator()
    let port = try #require(await iterator.next())
    let outcome: Result<Value, any Error>
    do { outcome = .success(try await body(other(url: "http://127.0.0.1:\(port)"))) } catch {
      outcome = .failure(error)
    }
    await group.triggerGracefulShutdown()
    try await running.value
    return try outcome.get()
  }

  /// Reads the current metrics.
  func metrics() async throws -> MetricsReading {
    try await withMetrics { page in
      let answer = try await page.fetch("/metrics")
      #expect(answer.status == 200)
      #expect(answer.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8")
      return try MetricsReading(answer.text)
    }
  }
}
