import ServiceLifecycle

extension Dependencies {
  /// Makes the collector of all meters.
  /// - Parameter program: `kittycash-server` or `kittycash-worker`.
  func collector(of program: String, log: LogOutput = LogOutput()) -> MetricsCollector {
    MetricsCollector(
      program: program, metrics: metrics, load: load, database: database,
      databaseKind: settings.databaseURL == nil ? "sqlite" : "postgres", redis: cache as? RedisInvalidation,
      photos: converter.outcomes, refusals: { shares.refusals }, log: log)
  }

  /// Makes the services that publish the metrics, as the settings ask. They must come first in a service group, so
  /// that they stop last.
  func metricsServices(
    of program: String, _ log: LogOutput
  ) -> [ServiceGroupConfiguration.ServiceConfiguration] {
    let collector = collector(of: program, log: log)
    var services: [ServiceGroupConfiguration.ServiceConfiguration] = []
    if let port = settings.metrics.port {
      let server = MetricsServer(collector).application(
        host: settings.metrics.host ?? settings.host, port: port, logger: logger)
      services.append(.init(service: server))
    }
    if settings.metrics.isEmbedded {
      let lines = CloudWatchMetrics(
        collector: collector, namespace: settings.metrics.namespace, output: log)
      services.append(.init(service: lines))
    }
    return services
  }
}
