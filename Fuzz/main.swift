import Glibc

// Feeds one decoder with what libFuzzer makes up. script/fuzz runs it; the arguments are libFuzzer's, which hands them on
// to the processes that it starts, so that the target's name comes in the environment.

/// libFuzzer's own main (compiler-rt, lib/fuzzer/FuzzerDriver.cpp); there is no header of it.
@_silgen_name("LLVMFuzzerRunDriver")
private func fuzzerDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ oneInput: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// What libFuzzer calls with each input; its memory is touched here only.
@_cdecl("LLVMFuzzerTestOneInput")
public func oneInput(_ bytes: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    guard let target = Target.chosen else { return -1 }
    let input = Array(UnsafeBufferPointer(start: bytes, count: size))
    Meter.measure { target.run(input) }
    return 0
}

if let wanted = getenv("KMS_VAULT_FUZZ_SEED").map({ String(cString: $0) }) {
    guard let seed = OwnSeeds.all[wanted] else {
        for name in OwnSeeds.all.keys.sorted() { print(name) }
        exit(0)
    }
    print(text(seed), terminator: "")
    exit(0)
}
guard Target.chosen != nil else {
    for target in Target.all { print(target.name) }
    exit(getenv(Target.variable) == nil ? 0 : 2)
}
var count = CommandLine.argc
var arguments = CommandLine.unsafeArgv
Meter.start()
exit(fuzzerDriver(&count, &arguments, oneInput))
