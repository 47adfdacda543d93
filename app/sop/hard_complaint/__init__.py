"""Hard complaints about outbound calls (CT-0, PRANPC), decided by the recording."""
