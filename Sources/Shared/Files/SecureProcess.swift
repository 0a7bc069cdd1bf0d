import Platform

/// Keeps this process's memory, which holds tokens, out of core files and away from other processes of the user.
///
/// Children inherit the limit, not the protection of memory. Throws when the system refuses either.
package func secureProcess() throws(FileError) {
    guard forbidCoreFiles() else { throw FileError(errno: errno, .write, "the limit of core files") }
    guard forbidDumping() else { throw FileError(errno: errno, .write, "the process's dumpable state") }
}
