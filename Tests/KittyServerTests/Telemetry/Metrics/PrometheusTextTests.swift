import FoundationEssentials
import KittyShared
import Testing

@testable import KittyServer

/// The text format of Prometheus.
@Suite struct PrometheusTextTests {
  @Test func textIsEscapedForPrometheus() {
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
}
