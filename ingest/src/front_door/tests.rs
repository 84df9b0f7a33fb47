//! Over real TCP, with rumqttc as the device.
