"""The parts of the adapter for uvicorn, which ``..uvicorn`` puts together."""
