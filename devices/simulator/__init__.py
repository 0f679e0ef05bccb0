"""A simulated home on a real broker: each device a client of its own."""

from devices.simulator.run import BrokerAddress, SimulatorOptions, simulate

__all__ = ["BrokerAddress", "SimulatorOptions", "simulate"]
