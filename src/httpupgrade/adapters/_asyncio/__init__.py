"""The parts of the adapter for asyncio, which ``..asyncio`` puts together."""
