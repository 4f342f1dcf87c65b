import KittyShared

extension Call {
  /// The present day where the caller is.
  var today: Day { now.day(in: principal?.timeZone) }

  /// Reads the filter `q`; `nil` when left out.
  /// - Throws: `Rejection.invalid` with the place of the fault.
  func filter() throws(Rejection) -> Filter? {
    guard let text = query["q"] else { return nil }
    do { return try Filter(text) } catch { throw Rejection(error) }
  }
}

extension FilterContextStore {
  /// Reads the filter `q` of a request to a group, and looks up the names in it; `nil` when left out.
  /// - Throws: `Rejection.invalid` with the place of the fault.
  func filter(of call: Call) async throws -> ResolvedFilter? {
    guard let filter = try call.filter() else { return nil }
    let member = try call.member
    let context = try await context(of: member.group, for: member.member, on: call.today)
    do { return try filter.resolved(in: context) } catch { throw Rejection(error) }
  }
}
