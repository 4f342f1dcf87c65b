import FoundationEssentials
import ServiceLifecycle

/// Writes the metrics to the log once a minute, as lines in the format of Amazon CloudWatch.
struct CloudWatchMetrics: Service {
  let collector: MetricsCollector
  let namespace: String
  let output: LogOutput
  var interval: Duration = .seconds(60)

  func run() async throws {
    await cancelWhenGracefulShutdown {
      var last = await collector.snapshot()
      while !Task.isCancelled {
        // A graceful shutdown cancels the sleep, so that the last minute is written too.
        try? await Task.sleep(for: interval)
        // A new task: the cancelled one cannot query the database.
        let now = await Task { await collector.snapshot() }.value
        if let line = try? CloudWatchLine(now, since: last, namespace: namespace).data { output.write(line) }
        last = now
      }
    }
  }
}
