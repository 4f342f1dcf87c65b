import FoundationEssentials
import Hummingbird
import KittyShared

/// The routes of photos: of groups, of members and of the caller.
struct PhotoController: Sendable {
  let users: UserStore
  let groups: GroupStore
  let members: MemberStore
  let photos: any PhotoStorage
  let receiver: UploadReceiver
  let photoUploads: PhotoUploads
  let maxBytes: Int
  let addresses: UploadAddressStore
  let cache: (any CacheInvalidation)?
  /// `PUBLIC_URL`; `nil` when the server does not know its address.
  let publicURL: String?
  /// The photos of groups. nginx sends the file, so to look it up would take most of the time of a request.
  private let groupPhotos = VersionedCache<ID, Photo>(capacity: 1000)

  func register(on routes: inout Routes) {
    routes.on(Endpoints.setMyPhoto) { call in
      let photo = try await receive(call)
      try await users.setPhoto(photo, of: try call.user, at: call.now, call.write)
      return Reply(photo)
    }
    routes.on(Endpoints.myPhoto) { call in
      try await serve(users.find(id: try call.user)?.photo, call)
    }
    routes.on(Endpoints.removeMyPhoto) { call in
      try await users.setPhoto(nil, of: try call.user, at: call.now, call.write)
    }
    routes.on(Endpoints.setGroupPhoto) { call in
      let photo = try await receive(call)
      try await groups.setPhoto(photo, of: try call.member.group, at: call.now, call.write)
      return Reply(photo)
    }
    routes.on(Endpoints.groupPhoto) { call in
      try await serve(groupPhoto(call), call)
    }
    routes.on(Endpoints.removeGroupPhoto) { call in
      try await groups.setPhoto(nil, of: try call.member.group, at: call.now, call.write)
    }
    routes.on(Endpoints.createUpload, makeAddress)
    routes.on(Endpoints.upload, receiveAtAddress)
    routes.on(Endpoints.uploadPage) { _ in UploadPage.response }
    routes.on(Endpoints.memberPhoto) { call in
      try await serve(members.find(call.id("member"), in: try call.member.group)?.photo, call)
    }
  }

  // MARK: - Upload addresses

  /// Lifetime of an upload address.
  private static let addressLifetime: Duration = .seconds(600)

  private func makeAddress(_ input: NewUpload, _ call: Call) async throws -> Reply<UploadAddress> {
    guard let publicURL else {
      throw Rejection.conflict(
        "no_public_url",
        "This server does not know its own address, so it makes no addresses for uploads. Ask its operator to set PUBLIC_URL."
      )
    }
    let session = try call.signedIn
    let user = session.user
    if let group = input.group { try await requireRight(of: user, in: group) }
    let token = try BearerToken.forUpload()
    let expires = call.now.advanced(by: Self.addressLifetime)
    try await addresses.insert(
      tokenHash: BearerToken(token).hash, of: user, group: input.group, session: session.id, at: call.now,
      expires: expires,
      call.write)
    return Reply(
      UploadAddress(
        url: "\(publicURL)\(Endpoints.uploadPage.route.path)#\(token)", token: token, expiresAt: expires))
  }

  /// - Throws: `Rejection` unless a user may set the photo of a group.
  private func requireRight(of user: ID, in group: ID) async throws {
    guard let membership = try await addresses.membership(of: user, in: group), !membership.isDeleted else {
      throw Rejection.notFound("group")
    }
    try Permissions.require(.enter, membership)
    guard !membership.isArchived else { throw Rejection.archived }
  }

  private func receiveAtAddress(_ call: Call) async throws -> Reply<Photo> {
    guard let token = call.request.bearerToken.map({ BearerToken($0).hash }),
      let target = try await addresses.target(tokenHash: token, at: call.now)
    else { throw Self.usedAddress }
    call.context.trail.identify(target.user)
    if let group = target.group { try await requireRight(of: target.user, in: group) }
    let photo = try await receive(call)
    // Only now, so that a picture that cannot be used does not use the address up.
    guard try await addresses.use(tokenHash: token, at: call.now, call.write) else {
      throw Self.usedAddress
    }
    guard let group = target.group else {
      try await users.setPhoto(photo, of: target.user, at: call.now, call.write)
      return Reply(photo)
    }
    return try await call.write.changing(CacheTag.tags(of: group), in: cache) {
      try await groups.setPhoto(photo, of: group, at: call.now, call.write)
      return Reply(photo)
    } changed: { _ in
      CacheTag.tags(of: group)
    }
  }

  private static let usedAddress = Rejection(
    .forbidden, "useless_token", "This address cannot be used",
    "It was used already, or is older than ten minutes. Make another one in KittyCash.")

  /// Writes the body to a bounded temporary file, then checks, converts and stores the photo.
  private func receive(_ call: Call) async throws -> Photo {
    try await receiver.receive(.init(field: "photo", use: .photo, maxBytes: maxBytes), of: call) { upload in
      try await photoUploads.convert(upload, logger: call.context.logger, call.write)
    }
  }

  private func groupPhoto(_ call: Call) async throws -> Photo? {
    let (group, version) = (try call.member.group, call.booksVersion)
    if let photo = groupPhotos.value(for: group, at: version) { return photo }
    guard let photo = try await groups.find(group, for: try call.user)?.photo else { return nil }
    groupPhotos.insert(photo, for: group, at: version)
    return photo
  }

  private func serve(_ photo: Photo?, _ call: Call) async throws -> Response {
    let variant = try call.variant()
    guard let photo else { throw Rejection.notFound("photo") }
    let tag = "\"\(photo.hash)-\(variant.rawValue)\""
    var headers: HTTPFields = [
      .eTag: tag, .contentType: variant.contentType,
      // Only the browser of the user may cache it, and must revalidate each time: the right to see it may end.
      .cacheControl: "private, no-cache",
    ]
    if call.request.hasCopy(of: tag) {
      headers[.contentType] = nil
      return Response(status: .notModified, headers: headers)
    }
    return try await receiver.withStorage(call) {
      try await StoredFileReply(photos: photos)
        .response(StoredVariant(variant), of: photo.hash, tag: tag, headers, as: "photo", call)
    }
  }
}
