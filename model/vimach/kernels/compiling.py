"""Compiling and loading machine code for the processor at hand, by LLVM through llvmlite."""

import llvmlite
import llvmlite.binding as llvm

OPTIMISATION = 1
"""LLVM's own level: 2 takes longer and gains nothing on straight lines of vector operations."""


class Machine:
    """The processor at hand as a target; makes object code from LLVM text, and loads it."""

    def __init__(self) -> None:
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        self.cpu, self.features = llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()
        self.triple = llvm.get_process_triple()
        self.target = llvm.Target.from_triple(self.triple).create_target_machine(
            cpu=self.cpu, features=self.features, opt=OPTIMISATION, jit=True
        )

    @property
    def identity(self) -> str:
        """What object code depends on beside its text."""
        return "\n".join((self.triple, self.cpu, self.features, llvmlite.__version__, str(OPTIMISATION)))

    def compiled(self, text: str) -> bytes:
        """Object code of one module."""
        module = llvm.parse_assembly(text, llvm.create_context())
        module.verify()
        return bytes(self.target.emit_object(module))

    def loaded(self, objects: list[bytes], function: str) -> tuple[object, int]:
        """The engine that holds the code of all modules, and the address of a function."""
        engine = llvm.create_mcjit_compiler(llvm.parse_assembly("", llvm.create_context()), self.target)
        for code in objects:
            engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        engine.finalize_object()
        return engine, engine.get_function_address(function)
