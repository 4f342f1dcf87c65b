import Foundation
import KittyShared
import Logging
import ServiceLifecycle
import Testing

@testable import KittyServer

/// Conversion of photos by a worker in the server, beside it, or elsewhere.
@Suite(.timeLimit(.minutes(1))) struct PhotoConversionTests {
  /// Runs a worker as a separate program would, while `body` runs.
  private func work(
    at location: TestServer.DataLocation, redis: String? = nil, timing: Worker.Timing = .init(),
    queues: [JobQueue] = JobQueue.ofWorker, _ body: () async throws -> Void
  ) async throws {
    var environment = ["DATA_DIR": location.folder]
    environment["DATABASE_URL"] = location.databaseURL
    environment["REDIS_URL"] = redis
    let settings = try await Settings(flags: Settings.Flags.parse([]), environment: environment)
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let dependencies = try await Dependencies(settings, logger: logger, converter: .beside)
    var worker = dependencies.worker()
    worker.timing = timing
    worker.queues = queues
    var services: [ServiceGroupConfiguration.ServiceConfiguration] = []
    if let redis {
      services.append(.init(service: RedisJobNotifier.Listener(url: redis, notifier: dependencies.notifier)))
    }
    services.append(.init(service: worker, successTerminationBehavior: .ignore))
    let group = ServiceGroup(configuration: .init(services: services, logger: logger))
    let running = Task { try await group.run() }
    let outcome: Result<Void, any Error>
    do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
    await group.triggerGracefulShutdown()
    try await running.value
    await dependencies.close()
    try outcome.get()
  }

  @Test(arguments: Backend.available) func separateWorkerConvertsPhoto(backend: Backend) async throws {
    let pictures = try TestPictures()
    defer { pictures.remove() }
    let jpeg = try pictures.jpeg()
    let location = try await TestServer.DataLocation(on: backend)
    defer { location.remove() }
    try await TestServer.run(at: location, settings: ["WORKER": "separate"]) { (server) async throws in
      let token = try await server.signUp()
      try await work(at: location) {
        let put = try await server.send("PUT", "/v1/me/photo", token: token, body: .bytes(jpeg))
        #expect(try put.decode(Photo.self).width == 64)
        #expect(try await server.send("GET", "/v1/me/photo", token: token).status == 200)
        let text = try await server.send(
          "PUT", "/v1/me/photo", token: token, body: .bytes(Array("no picture".utf8)))
        #expect(try text.problem().code == "not_a_picture" && text.status == 415)
      }
      try await expectNothingLeft(server)
    }
  }

  @Test func fullDiskIsNotTheFaultOfThePicture() async throws {
    let pictures = try TestPictures()
    defer { pictures.remove() }
    let original = try pictures.write("original", pictures.jpeg())
    for variant in StoredVariant.ofPhoto {
      let folder = "\(pictures.folder)/\(variant)"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      // Each byte that is written there finds the disk full.
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/\(variant.fileName)", withDestinationPath: "/dev/full")
      let failure = await #expect(throws: PhotoStorageFailure.self, "\(variant)") {
        _ = try await PhotoConverterProcess.beside.convert(original, into: folder)
      }
      #expect(failure?.description.contains("the disk is full") == true)
    }
  }

  @Test(arguments: Backend.available) func uploadWithoutWorkerGets503AndLeavesNothing(backend: Backend)
    async throws
  {
    let pictures = try TestPictures()
    defer { pictures.remove() }
    let jpeg = try pictures.jpeg()
    try await TestServer.run(
      on: backend, settings: ["WORKER": "separate"], adjust: { $0.photoTimeout = .milliseconds(300) }
    ) { (server) async throws in
      let token = try await server.signUp()
      let put = try await server.send("PUT", "/v1/me/photo", token: token, body: .bytes(jpeg))
      #expect(try put.problem().code == "unavailable" && put.header("Retry-After") == "60")
      #expect(try await server.send("GET", "/v1/me/photo", token: token).status == 404)
      try await expectNothingLeft(server)
    }
  }

  private func expectNothingLeft(_ server: TestServer) async throws {
    try await until {
      let rows = try await server.dependencies.database.read(
        """
        select (select count(*) from photo_conversions)
          + (select count(*) from jobs where kind = 'photo.convert')
        """)
      let files = try FileManager.default.contentsOfDirectory(atPath: server.folder + "/uploads")
      return try rows[0].decode(Int.self) == 0 && files.isEmpty
    }
  }

  @Test(.enabled(if: Backend.redisURL != nil && Backend.available.contains(.postgres)))
  func workerInAnotherProcessIsWokenThroughRedis() async throws {
    let redis = try #require(Backend.redisURL)
    let location = try await TestServer.DataLocation(on: .postgres)
    defer { location.remove() }
    var timing = Worker.Timing()
    timing.pollInterval = .seconds(3600)
    try await TestServer.run(at: location, redis: redis, settings: ["WORKER": "separate"]) {
      (server) async throws in
      let jobs = JobStore(database: server.dependencies.database)
      func enqueue() async throws {
        try await server.dependencies.database.transact([
          JobStore.enqueue(.removePhoto, payload: "none", at: .now)
        ])
      }
      func isDone() async throws -> Bool {
        try await jobs.list(after: .first, limit: 100, at: .now).allSatisfy { $0.kind != "photo.remove" }
      }
      try await work(at: location, redis: redis, timing: timing) {
        for _ in 0..<5 {
          try await enqueue()
          try await until { try await isDone() }
        }
      }
    }
  }

  @Test(arguments: Backend.available) func photoDoesNotWaitForLongJob(backend: Backend) async throws {
    try await JobFixture.run(on: backend) { queue in
      let recorder = EventRecorder()
      try await queue.enqueue("long")
      try await queue.enqueue(Job.Kind.convertPhoto.rawValue)
      let worker = queue.worker { job, _ in
        recorder.record(job.kind)
        return .done()
      }
      #expect(try await worker.serving(.photos).runNext())
      #expect(try await worker.serving(.photos).runNext() == false)
      #expect(recorder.events == ["photo.convert"])
      #expect(try await worker.serving(.general).runNext())
      #expect(try await worker.serving(.general).runNext() == false)
      #expect(recorder.events == ["photo.convert", "long"])
      #expect(JobQueue.ofWorker.count { $0 == .photos } == 2 && JobQueue.ofWorker.contains(.general))
    }
  }

  @Test(arguments: Backend.available) func photoOfDeadWorkerIsTakenOverInTime(backend: Backend)
    async throws
  {
    let pictures = try TestPictures()
    defer { pictures.remove() }
    let jpeg = try pictures.jpeg()
    try await TestServer.run(on: backend, settings: ["WORKER": "separate"]) { (server) async throws in
      let token = try await server.signUp()
      let worker = server.dependencies.worker().serving(.photos)
      async let put = server.send("PUT", "/v1/me/photo", token: token, body: .bytes(jpeg))
      // A worker claims the job and dies.
      try await until {
        try await worker.jobs.claim(by: "dead", in: .photos, at: .now) != nil
      }
      #expect(try await worker.runNext() == false)
      #expect(worker.jobs.lease < server.dependencies.settings.photoTimeout)
      #expect(try await worker.runNext(at: Instant.now.advanced(by: worker.jobs.lease + .seconds(1))))
      #expect(try await put.decode(Photo.self).height == 48)
    }
  }

  @Test(arguments: Backend.available) func photoOfAbortedUploadIsRemoved(backend: Backend)
    async throws
  {
    let pictures = try TestPictures()
    defer { pictures.remove() }
    let jpeg = try pictures.jpeg()
    try await TestServer.run(on: backend, settings: ["WORKER": "separate"]) { (server) async throws in
      // The state that a server leaves when it is killed after it enqueued the job.
      let (upload, store) = (
        try server.dependencies.uploads.create(), PhotoConversionStore(database: server.dependencies.database)
      )
      try Data(jpeg).write(to: URL(filePath: upload.original))
      try await store.request(upload.id, for: .photo, at: .now, WriteContext())
      let worker = server.dependencies.worker()
      #expect(try await worker.serving(.photos).runNext())
      #expect(
        try await server.dependencies.photos.variants().values.map(\.count) == [StoredVariant.ofPhoto.count])
      try await GroupFixture.expectClean(server)
      let hash = try #require(try await server.dependencies.photos.hashes().first)
      for variant in StoredVariant.ofPhoto {
        try FileManager.default.setAttributes(
          [.modificationDate: Date.now.addingTimeInterval(-7200)],
          ofItemAtPath: #require(server.dependencies.photos.file(hash, variant)))
      }
      while try await worker.runNext(at: Instant.now.advanced(by: .seconds(3700))) {}
      #expect(try await server.dependencies.photos.variants().isEmpty)
      try await GroupFixture.expectClean(server)
    }
  }

  @Test(arguments: Backend.available) func oldUploadsAreRemoved(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let (database, uploads) = (server.dependencies.database, server.dependencies.uploads)
      let store = PhotoConversionStore(database: database)
      let (old, young) = (try uploads.create(), try uploads.create())
      try FileManager.default.setAttributes(
        [.modificationDate: Date.now.addingTimeInterval(-3700)], ofItemAtPath: old.folder)
      try await database.transact([
        "insert into photo_conversions (id, created_at) values (\(old.id), \(Instant.now.advanced(by: .seconds(-3700))))",
        "insert into photo_conversions (id, created_at) values (\(young.id), \(Instant.now))",
        """
        insert into jobs (id, kind, payload, run_at, created_at)
        values (\(ID(at: .now)), \(Job.Kind.cleanUploads.rawValue), '', 0, 0)
        """,
      ])
      #expect(try await server.dependencies.worker().runNext())
      #expect(try await store.pending(young.id) == .photo)
      #expect(try await store.pending(old.id) == nil)
      #expect(!FileManager.default.fileExists(atPath: old.folder))
      #expect(FileManager.default.fileExists(atPath: young.folder))
    }
  }
}
