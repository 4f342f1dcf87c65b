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
    routes.on(Endpoints.memberPhoto) { call in
      try await serve(members.find(call.id("member"), in: try call.member.group)?.photo, call)
    }
  }

  private func receive(_ call: Call) async throws -> Photo {
    try await receiver.photo(of: call, maxBytes: maxBytes, photoUploads)
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
