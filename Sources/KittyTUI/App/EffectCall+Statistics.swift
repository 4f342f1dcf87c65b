import KittyShared

/// The calls of statistics.
extension EffectCall {
  static func loadStatistics(
    _ group: ID, _ by: Statistics.Dimension, _ period: Period
  ) -> EffectCall {
    .read { (runner) throws(ClientFailure) in
      let days = period.days.map { [("from", "\($0.lowerBound)"), ("to", "\($0.upperBound)")] } ?? []
      return .statistics(
        .loadStatistics(group: group, by: by, period: period),
        try await runner.api.call(Endpoints.statistics, [group], query: [("by", by.rawValue)] + days))
    }
  }
}
