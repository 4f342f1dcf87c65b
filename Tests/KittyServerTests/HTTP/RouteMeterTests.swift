import FoundationEssentials
import KittyShared
import Testing

@testable import KittyServer

/// The counters of a route.
@Suite struct RouteMeterTests {
  @Test func concurrentCountsAreComplete() async {
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
}
