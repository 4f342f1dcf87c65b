import FoundationEssentials
import KittyShared
import Testing

@testable import KittyServer

/// Figures of the process from /proc.
@Suite struct ProcessStatsTests {
  @Test func processStatsAreReadFromProc() throws {
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
}
