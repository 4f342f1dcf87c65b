import Foundation
import KittyShared
import TestSupport
import Testing

@testable import KittyServer

/// The database, the disk, photos and the worker.
@Suite struct StorageCheckTests {
  @Test(arguments: Backend.available) func oldSchemaIsAFault(backend: Backend) async throws {
    let location = try await TestServer.DataLocation(on: backend)
    defer { location.remove() }
    try FileManager.default.createDirectory(atPath: location.folder, withIntermediateDirectories: true)
    var variables = ["DATA_DIR": location.folder]
    variables["DATABASE_URL"] = location.databaseURL
    let settings = try await DoctorFixture.settings(variables)
    let check = DatabaseCheck(settings: settings, copies: 1)
    await DoctorFixture.findings(check).expect(.fault, "no KittyCash data")
    let dependencies = try await Dependencies(settings, logger: .silent, converter: .beside)
    _ = try await dependencies.database.migrate(Array(Migration.all.dropLast()))
    await DoctorFixture.findings(check).expect(.fault, "kittycash-server migrate")
    try await dependencies.migrate()
    await DoctorFixture.findings(check).expect(.ok, "The schema has version")
    await DoctorFixture.findings(WorkerCheck(settings: settings)).expect(.fault, "No worker has run")
    await dependencies.close()
    if backend == .postgres {
      await DoctorFixture.findings(DatabaseCheck(settings: settings, copies: 500)).expect(
        .warning, "Raise max_connections")
    }
  }

  @Test func heartbeatsAndJobsAreJudged() {
    let now = Instant.now
    [WorkerCheck.heartbeat(now.advanced(by: .seconds(-100)), at: now)].expect(.fault, "100 seconds ago")
    [WorkerCheck.heartbeat(now.advanced(by: .seconds(-5)), at: now)].expect(.ok, "5 seconds ago")
    var jobs = JobCounts()
    #expect(WorkerCheck.findings(jobs).isEmpty)
    jobs.dead = 3
    jobs.oldestDueSeconds = 900
    WorkerCheck.findings(jobs).expect(.warning, "3 jobs were given up")
    WorkerCheck.findings(jobs).expect(.warning, "900 seconds")
  }

  @Test func unusableDiskIsAFault() async throws {
    try await withTemporaryFolder { folder in
      let check = DiskCheck(folder: folder)
      let found = await DoctorFixture.findings(check)
      #expect(found.allSatisfy { $0.level != .fault })
      let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(names.isEmpty)
    }
    await DoctorFixture.findings(DiskCheck(folder: "/nowhere")).expect(.fault, "does not exist")
    // No file can be made there, by any user.
    await DoctorFixture.findings(DiskCheck(folder: "/proc")).expect(.fault, "cannot be written")
  }

  @Test func missingConverterIsAFault() async throws {
    try await withTemporaryFolder { folder in
      let settings = try await DoctorFixture.settings(["DATA_DIR": folder])
      var check = PhotosCheck(settings: settings, converter: .beside)
      await DoctorFixture.findings(check).expect(.fault, "/photos cannot be written")
      try FileManager.default.createDirectory(atPath: folder + "/photos", withIntermediateDirectories: false)
      #expect(await DoctorFixture.findings(check).allSatisfy { $0.level == .ok })
      check.converter = PhotoConverterProcess(program: folder + "/kittycash-photo")
      await DoctorFixture.findings(check).expect(.fault, "missing or not executable")
      check.converter = PhotoConverterProcess(program: "/bin/false")
      await DoctorFixture.findings(check).expect(.fault, "cannot be converted")
    }
  }

  @Test func bucketIsTriedWithAnObject() async throws {
    try await FakeS3.run { fake in
      let before = try await fake.control().keys
      let right = PhotosCheck(settings: try await DoctorFixture.settings(fake.settings), converter: .beside)
      await DoctorFixture.findings(right).expect(.ok, "stores, returns and removes")
      #expect(try await fake.control().keys == before)
      let wrongKey = fake.settings.merging(["AWS_SECRET_ACCESS_KEY": "wrong"]) { $1 }
      let wrong = PhotosCheck(settings: try await DoctorFixture.settings(wrongKey), converter: .beside)
      await DoctorFixture.findings(wrong).expect(.fault, "403")
    }
  }
}
