import KittyShared

/// The shares of the server: what its users can have at the same time, all of them and each. So one user cannot stop the
/// others. docs/decisions/0030 has the reasons for the numbers.
struct Shares: Sendable {
  /// The bytes of JSON bodies in memory.
  let bodies: FairShare<Consumer>
  let photos: UploadGate
  let imports: UploadGate
  /// The exports that are being sent.
  let downloads: FairShare<Consumer>
  let computations: Computations
  let database: FairDatabase.Shares

  /// The numbers that tests change.
  struct Numbers: Sendable {
    var bodyBytes = (all: 64 << 20, each: 8 << 20)
    var photos = (all: 32, each: 2)
    var imports = (all: 8, each: 1)
    var downloads = (all: 64, each: 4)
    var patience: Duration = .seconds(10)
  }

  /// - Parameters:
  ///   - isPostgres: SQLite writes the transactions of all groups one after the other, so its groups need no limit.
  ///   - photosTurnedAway: Counts the photos without a place.
  init(_ numbers: Numbers, isPostgres: Bool, photosTurnedAway: Counter) {
    bodies = FairShare(limit: numbers.bodyBytes.all, each: numbers.bodyBytes.each)
    photos = UploadGate(
      limit: numbers.photos.all, each: numbers.photos.each, of: "photos", refused: photosTurnedAway)
    imports = UploadGate(limit: numbers.imports.all, each: numbers.imports.each, of: "group files")
    downloads = FairShare(limit: numbers.downloads.all, each: numbers.downloads.each)
    computations = Computations(threads: 2, patience: numbers.patience)
    database = FairDatabase.Shares(readers: isPostgres ? 32 : 4, groupWriters: isPostgres ? 4 : 64)
  }

  /// The number of refused requests, by the share.
  var refusals: [(share: String, number: Int)] {
    [
      ("bodies", bodies.refused.value), ("photos", photos.places.refused.value),
      ("imports", imports.places.refused.value), ("exports", downloads.refused.value),
      ("computations", computations.refused), ("database", database.refused),
    ]
  }
}
