import Hummingbird
import KittyShared

/// The routes of upload addresses: a photo or a receipt is sent once, without a session.
struct UploadAddressController: Sendable {
  let addresses: UploadAddressStore
  let users: UserStore
  let groups: GroupStore
  let bookkeeping: Bookkeeping
  let receiver: UploadReceiver
  let photoUploads: PhotoUploads
  let photoMaxBytes: Int
  let cache: (any CacheInvalidation)?
  /// `PUBLIC_URL`; `nil` when the server does not know its address.
  let publicURL: String?

  /// Lifetime of an address.
  private static let lifetime: Duration = .seconds(600)

  func register(on routes: inout Routes) {
    routes.on(Endpoints.createUpload, make)
    routes.on(Endpoints.upload, receive)
    routes.on(Endpoints.uploadPage) { [photoMaxBytes] call in
      switch call.query["for"] {
      case nil: return UploadPage.response(for: .photo, maxBytes: photoMaxBytes)
      case "receipt": return UploadPage.response(for: .receipt, maxBytes: Receipt.maxBytes)
      default: throw Rejection.invalid("for", "unknown_use", "for must be receipt. Leave it out for a photo.")
      }
    }
  }

  private func make(_ input: NewUpload, _ call: Call) async throws -> Reply<UploadAddress> {
    guard let publicURL else {
      throw Rejection.conflict(
        "no_public_url",
        "This server does not know its own address, so it makes no addresses for uploads. Ask its operator to set PUBLIC_URL."
      )
    }
    let session = try call.signedIn
    let target = UploadAddressStore.Target(user: session.user, group: input.group, entry: input.entry)
    try await requireRight(target, call)
    let token = try BearerToken.forUpload()
    let expires = call.now.advanced(by: Self.lifetime)
    try await addresses.insert(
      tokenHash: BearerToken(token).hash, target, session: session.id, at: call.now, expires: expires,
      call.write)
    let query = input.entry == nil ? "" : "?for=receipt"
    return Reply(
      UploadAddress(
        url: "\(publicURL)\(Endpoints.uploadPage.route.path)\(query)#\(token)", token: token,
        expiresAt: expires))
  }

  private func receive(_ call: Call) async throws -> Reply<UploadedFile> {
    guard let token = call.request.bearerToken.map({ BearerToken($0).hash }),
      let target = try await addresses.target(tokenHash: token, at: call.now)
    else { throw Self.usedAddress }
    call.context.trail.identify(target.user)
    // The rights of now, and before anything is received for nothing.
    if let place = try await requireRight(target, call) {
      let name = try call.receiptName()
      let stored = try await receiver.receipt(of: call, photoUploads)
      return try await using(token, [.books(place.caller.group)], call) {
        .receipt(
          try await bookkeeping.addReceipt(to: place.entry, by: place.caller) { number in
            stored.receipt(number, named: name)
          })
      }
    }
    let photo = try await receiver.photo(of: call, maxBytes: photoMaxBytes, photoUploads)
    return try await using(token, target.group.map(CacheTag.tags) ?? [], call) {
      if let group = target.group {
        try await groups.setPhoto(photo, of: group, at: call.now, call.write)
      } else {
        try await users.setPhoto(photo, of: target.user, at: call.now, call.write)
      }
      return .photo(photo)
    }
  }

  /// An entry, and the user of the address as the caller who adds a receipt to it.
  private struct Place {
    let entry: Entry
    let caller: Bookkeeping.Caller
  }

  /// - Returns: The entry of a receipt; `nil` for a photo.
  /// - Throws: `Rejection` unless the user may set the photo of the group, or add a receipt to the entry.
  @discardableResult
  private func requireRight(_ target: UploadAddressStore.Target, _ call: Call) async throws -> Place? {
    guard let group = target.group else { return nil }
    guard let membership = try await addresses.membership(of: target.user, in: group), !membership.isDeleted
    else { throw Rejection.notFound("group") }
    guard let id = target.entry else {
      try Permissions.require(.enter, membership)
      guard !membership.isArchived else { throw Rejection.archived }
      return nil
    }
    try Permissions.require(.revise, membership)
    guard let entry = try await bookkeeping.entries.find(.id(id), in: group) else {
      throw Rejection.notFound("entry")
    }
    let caller = Bookkeeping.Caller(
      membership: membership, now: call.now, timeZone: nil, write: call.write)
    try bookkeeping.requireReceiptChange(of: entry, version: nil, by: caller)
    _ = try Bookkeeping.freeReceiptNumber(of: entry)
    return Place(entry: entry, caller: caller)
  }

  /// Uses an address up, and stores the file with `store`. When that is refused, the address works again.
  private func using(
    _ token: String, _ tags: [CacheTag], _ call: Call, _ store: () async throws -> UploadedFile
  ) async throws -> Reply<UploadedFile> {
    guard let used = try await addresses.use(tokenHash: token, at: call.now, call.write) else {
      throw Self.usedAddress
    }
    do {
      return Reply(try await call.write.changing(tags, in: cache, store) { _ in tags })
    } catch let refusal as Rejection {
      // Nothing was stored. After another error that is not known, and the address stays used.
      try await addresses.restore(used, call.write)
      throw refusal
    }
  }

  private static let usedAddress = Rejection(
    .forbidden, "useless_token", "This address cannot be used",
    "It was used already, or is older than ten minutes. Make another one in KittyCash.")
}
