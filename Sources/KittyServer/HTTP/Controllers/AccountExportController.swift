import Hummingbird
import KittyShared

/// The route of the export of a user's data.
struct AccountExportController: Sendable {
  let exports: PersonalExport
  let computations: Computations
  /// The exports that are being sent.
  let downloads: FairShare<Consumer>

  func register(on routes: inout Routes) { routes.on(Endpoints.exportMe, export) }

  private func export(_ call: Call) async throws -> Response {
    let (user, session) = (try call.user, try call.signedIn.id)
    let hold = try downloads.hold(forDownloadOf: call)
    let export = try await computations.run(for: call) {
      try await exports.begin(for: user, session: session, at: call.now)
    }
    return Response(
      status: .ok,
      headers: [
        .contentType: "application/json", .cacheControl: "no-store",
        .contentDisposition: "attachment; filename=\"account-\(user).json\"",
      ],
      body: computations.body(for: call, holding: hold, from: PersonalExport.Place()) {
        try await exports.next(of: export, $0)
      })
  }
}
