import FoundationEssentials
import KittyShared
import Testing

@testable import KittyServer

/// Buckets and quantiles of latencies.
@Suite struct LatencyHistogramTests {
  @Test func latencyIsInTheFirstBucketThatHoldsIt() {
    let latencies = LatencyHistogram()
    for duration in [
      Duration.zero, .milliseconds(1), .microseconds(1001), .seconds(10), .seconds(11), .seconds(1_000_000),
    ] {
      latencies.add(duration)
    }
    #expect(latencies.reading.counts == [2, 1] + Array(repeating: 0, count: 10) + [1, 2])
  }

  @Test func quantileIsBetweenTheBoundsOfItsBucket() throws {
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
}
